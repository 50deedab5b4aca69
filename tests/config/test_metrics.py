import pytest
from django.db import OperationalError
from django.test import Client

from config import metrics
from jobs.gauges import Gauge

TOKEN = "0123456789-token"


@pytest.fixture(autouse=True)
def _gauges(settings, monkeypatch):
    settings.METRICS_TOKEN = TOKEN
    found = [
        Gauge("depth", "How deep", ("organization",), {('a"b',): 2.0, ("c",): 0.5}),
        Gauge("empty", "Nobody has one", ("organization",)),
    ]
    monkeypatch.setattr(metrics, "read_gauges", lambda: iter(found))


def ask(client: Client, token: str = TOKEN):
    return client.get("/metrics", headers={"Authorization": f"Bearer {token}"})


class TestMetrics:
    def test_tells_every_gauge_in_the_text_format(self, client: Client) -> None:
        answer = ask(client)

        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/plain; version=")
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.content.decode().splitlines() == [
            "# HELP depth How deep",
            "# TYPE depth gauge",
            'depth{organization="a\\"b"} 2.0',
            'depth{organization="c"} 0.5',
            "# HELP empty Nobody has one",
            "# TYPE empty gauge",
        ]

    @pytest.mark.parametrize("token", ["", "x", f"{TOKEN}x", "\u00e9"])
    def test_is_closed_to_everybody_else(self, client: Client, token: str) -> None:
        answer = ask(client, token)

        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.content == b""

    def test_takes_no_token_of_another_kind(self, client: Client) -> None:
        assert client.get("/metrics").status_code == 401
        wrong = {"Authorization": f"Basic {TOKEN}"}
        assert client.get("/metrics", headers=wrong).status_code == 401

    @pytest.mark.parametrize("unset", ["", "  "])
    def test_is_not_there_without_a_token(self, client: Client, settings, unset: str) -> None:
        settings.METRICS_TOKEN = unset

        assert ask(client, unset).status_code == 404

    def test_says_when_the_database_is_away(self, client: Client, monkeypatch) -> None:
        def fail():
            raise OperationalError("secret host")

        monkeypatch.setattr(metrics, "read_gauges", fail)

        answer = ask(client)

        assert answer.status_code == 503
        assert answer.content == b"Database is not available\n"

    def test_is_only_read(self, client: Client) -> None:
        assert client.post("/metrics").status_code == 405
