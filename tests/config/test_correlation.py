import logging

import pytest
import structlog
from django.http import HttpRequest, JsonResponse
from django.test import Client
from django.urls import path


def show_context(_request: HttpRequest) -> JsonResponse:
    return JsonResponse(structlog.contextvars.get_contextvars())


urlpatterns = [path("context", show_context)]


@pytest.mark.urls("tests.config.test_correlation")
class TestCorrelationMiddleware:
    def test_takes_the_clients_id_into_log_context_and_answer(self, client: Client) -> None:
        response = client.get("/context", headers={"X-Correlation-ID": "order-7:retry.2"})

        assert response.json()["correlation_id"] == "order-7:retry.2"
        assert response.headers["X-Correlation-ID"] == "order-7:retry.2"

    def test_makes_one_for_each_request_without(self, client: Client) -> None:
        first, second = (client.get("/context") for _ in range(2))

        assert first.json()["correlation_id"] == first.headers["X-Correlation-ID"]
        assert first.headers["X-Correlation-ID"] != second.headers["X-Correlation-ID"]

    @pytest.mark.parametrize(
        "given", ["", "x" * 65, "two words", "line\nbreak", "<script>", "-rf", "ä", "id;"]
    )
    def test_replaces_an_id_that_could_do_harm_in_a_log(self, client: Client, given: str) -> None:
        response = client.get("/context", headers={"X-Correlation-ID": given})

        assert response.headers["X-Correlation-ID"] != given
        assert response.json()["correlation_id"] == response.headers["X-Correlation-ID"]

    def test_leaves_nothing_for_the_next_request(self, client: Client) -> None:
        client.get("/context")

        assert structlog.contextvars.get_contextvars() == {}


@pytest.mark.urls("tests.config.test_correlation")
class TestRequestLogMiddleware:
    def test_writes_the_path_without_what_a_query_may_hold(
        self, client: Client, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.INFO):
            client.get("/context?secret=hunter2")

        assert "GET /context" in caplog.text
        assert "hunter2" not in caplog.text
