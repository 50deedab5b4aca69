from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    JsonResponse,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.test import Client, override_settings
from django.urls import path, register_converter
from django.urls.converters import StringConverter
from django.views.decorators.csrf import csrf_exempt

import config.urls
from config.api_errors import error_response, is_api_path

pytestmark = pytest.mark.django_db

RAISED: dict[str, Exception] = {
    "crash": RuntimeError("SELECT secret FROM users"),
    "missing": Http404("Traceback"),
    "denied": PermissionDenied(),
    "suspicious": SuspiciousOperation("odd"),
}


class PathTail(StringConverter):
    regex = ".+"


register_converter(PathTail, "tail_of_tests")


ANSWERS: dict[str, Callable[[HttpRequest], HttpResponseBase]] = {
    "wrong-method": lambda _request: HttpResponseNotAllowed(["PUT"]),
    "html-429": lambda _request: HttpResponse(
        "<h1>slow down</h1>", status=429, headers={"Retry-After": "7"}
    ),
    "own-json": lambda _request: JsonResponse({"mine": True}, status=418),
    "odd-status": lambda _request: HttpResponse("<h1>teapot</h1>", status=418),
    "unheard-of-status": lambda _request: HttpResponse("<h1>?</h1>", status=599),
    "stream": lambda _request: StreamingHttpResponse(["ok"]),
    "body": lambda request: JsonResponse({"length": len(request.body)}),
}


@csrf_exempt
def misbehave(request: HttpRequest, how: str) -> HttpResponseBase:
    if how in RAISED:
        raise RAISED[how]
    return ANSWERS[how](request)


urlpatterns = [
    *(path(f"{prefix}<tail_of_tests:how>", misbehave) for prefix in ("api/v1/", "api/qr/")),
    path("functions/v1/<tail_of_tests:how>", misbehave),
    path("page/<tail_of_tests:how>", misbehave),
    *config.urls.urlpatterns,
]


@pytest.fixture
def quiet_client() -> Client:
    return Client(raise_request_exception=False)


def assert_json_error(response: Any, status: int, error: str, code: str) -> None:
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/json"
    assert response.json() == {"error": error, "code": code}


class TestIsApiPath:
    @pytest.mark.parametrize("path", ["/api/x", "/api", "/functions/v1/x", "/functions", "/api/"])
    def test_knows_its_prefixes(self, path: str) -> None:
        assert is_api_path(path)

    @pytest.mark.parametrize("path", ["/", "/apiary", "/scan/api/", "/admin/", "/functional"])
    def test_leaves_pages_alone(self, path: str) -> None:
        assert not is_api_path(path)


@pytest.mark.urls("tests.config.test_api_errors")
class TestJsonErrorsMiddleware:
    @pytest.mark.parametrize(
        ("how", "status", "error", "code"),
        [
            ("crash", 500, "Internal error", "internal_error"),
            ("missing", 404, "Not found", "not_found"),
            ("denied", 403, "Forbidden", "forbidden"),
            ("suspicious", 400, "Bad request", "bad_request"),
            ("wrong-method", 405, "Method not allowed", "method_not_allowed"),
            ("html-429", 429, "Too many requests", "too_many_requests"),
            ("odd-status", 418, "I'm a Teapot", "i'm_a_teapot"),
            ("unheard-of-status", 599, "Internal error", "internal_error"),
        ],
    )
    @pytest.mark.parametrize("debug", [False, True])
    def test_speaks_json_whatever_happens(
        self, quiet_client: Client, how: str, status: int, error: str, code: str, debug: bool
    ) -> None:
        with override_settings(DEBUG=debug):
            response = quiet_client.get(f"/api/v1/{how}")

        assert_json_error(response, status, error, code)

    def test_puts_success_first_where_the_contract_does(self, quiet_client: Client) -> None:
        response = quiet_client.get("/api/qr/crash")

        assert response.content.startswith(b'{"success": false, "error": "Internal error"')

    def test_speaks_json_to_clients_of_functions(self, quiet_client: Client) -> None:
        assert_json_error(
            quiet_client.post("/functions/v1/crash"), 500, "Internal error", "internal_error"
        )

    def test_keeps_the_headers_that_say_what_to_do(self, quiet_client: Client) -> None:
        assert quiet_client.get("/api/v1/html-429").headers["Retry-After"] == "7"
        assert quiet_client.get("/api/v1/wrong-method").headers["Allow"] == "PUT"

    def test_keeps_errors_that_are_json_already(self, quiet_client: Client) -> None:
        assert quiet_client.get("/api/v1/own-json").json() == {"mine": True}

    def test_leaves_good_answers_and_pages_alone(self, quiet_client: Client) -> None:
        assert quiet_client.get("/api/v1/stream").status_code == 200
        assert quiet_client.get("/page/html-429").content == b"<h1>slow down</h1>"


class TestUnknownPaths:
    @pytest.mark.parametrize(
        "path",
        ["/api/nope", "/api/v1/jobs/", "/functions/v1/nope", "/api/schema/", "/api", "/api/"],
    )
    def test_answer_404_without_a_redirect(self, quiet_client: Client, path: str) -> None:
        assert_json_error(quiet_client.get(path), 404, "Not found", "not_found")

    @pytest.mark.parametrize("path", ["/api/manufacturer/nope", "/api/qr/nope/"])
    def test_keep_the_contracts_envelope(self, quiet_client: Client, path: str) -> None:
        assert quiet_client.get(path).json() == {
            "success": False,
            "error": "Not found",
            "code": "not_found",
        }

    def test_of_a_foreign_host_answer_400(self, quiet_client: Client) -> None:
        response = quiet_client.get("/api/nope", headers={"host": "evil.example"})

        assert response.status_code in (400, 404)
        assert response.headers["Content-Type"] == "application/json"


@pytest.mark.urls("tests.config.test_api_errors")
class TestCleanInputMiddleware:
    WORDS = ("Invalid characters in request", "invalid_characters")

    @pytest.mark.parametrize("path", ["/api/v1/body%00", "/api/v1/body?q=%00"])
    def test_refuses_nul_in_the_address(self, quiet_client: Client, path: str) -> None:
        assert_json_error(quiet_client.get(path), 400, *self.WORDS)

    def test_refuses_nul_in_the_body(self, quiet_client: Client) -> None:
        response = quiet_client.post(
            "/api/v1/body", '{"a": "\\u0000"}', content_type="application/json"
        )

        assert_json_error(response, 400, *self.WORDS)

    def test_refuses_nul_on_pages_in_plain_words(self, quiet_client: Client) -> None:
        response = quiet_client.get("/page/body?q=%00")

        assert response.status_code == 400
        assert response.content == b"Invalid characters in request"

    def test_lets_the_view_read_the_same_body(self, quiet_client: Client) -> None:
        response = quiet_client.post("/api/v1/body", "{}", content_type="application/json")

        assert response.json() == {"length": 2}

    @override_settings(API_MAX_BODY_BYTES=10)
    def test_refuses_a_body_that_is_too_large(self, quiet_client: Client) -> None:
        response = quiet_client.post("/api/v1/body", "x" * 11, content_type="application/json")

        assert_json_error(response, 413, "Request body too large", "request_too_large")

    @override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=10)
    def test_refuses_what_django_refuses_to_read(self, quiet_client: Client) -> None:
        response = quiet_client.post("/api/v1/body", "x" * 11, content_type="application/json")

        assert_json_error(response, 413, "Request body too large", "request_too_large")

    def test_refuses_a_body_in_another_encoding(self, quiet_client: Client) -> None:
        response = quiet_client.post(
            "/api/v1/body", "{}", content_type="application/json; charset=utf-7"
        )

        assert_json_error(
            response, 415, "Content-Type must be application/json", "unsupported_media_type"
        )


class TestErrorResponse:
    def test_takes_a_text_and_a_code_of_its_own(self, rf: Any) -> None:
        response = error_response(rf.get("/api/x"), 409, "Busy", "busy")

        assert response.content == b'{"error": "Busy", "code": "busy"}'
