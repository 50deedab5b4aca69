"""The overlays, read as modules: what they say, not how Django then behaves."""

import importlib
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from config.wsgi import application
from tests.config.test_production_check import GOOD


def read(name: str) -> ModuleType:
    sys.modules.pop(name, None)
    return importlib.import_module(name)


@pytest.fixture(autouse=True)
def _forget_overlays() -> Iterator[None]:
    yield
    for name in ("config.settings.dev", "config.settings.production"):
        sys.modules.pop(name, None)


class TestDev:
    def test_needs_nothing_and_opens_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "QR_HASH_SECRET"):
            monkeypatch.delenv(name, raising=False)

        settings = read("config.settings.dev")

        assert not settings.DEBUG
        assert len(settings.SECRET_KEY) >= 50
        assert settings.SECRET_KEY != settings.QR_HASH_SECRET
        assert set(settings.ALLOWED_HOSTS) == {"localhost", "127.0.0.1", "[::1]"}

    def test_links_to_its_own_port(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("QR_BASE_URL", raising=False)
        monkeypatch.setenv("PORT", "8123")

        assert read("config.settings.dev").QR_BASE_URL == "http://127.0.0.1:8123"


class TestProduction:
    @pytest.fixture(autouse=True)
    def _environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in GOOD.items():
            monkeypatch.setenv(name, value)

    def test_takes_everything_from_the_environment(self) -> None:
        settings = read("config.settings.production")

        assert settings.SECRET_KEY in GOOD.values()
        assert settings.ALLOWED_HOSTS == ["batchworks.example", "www.batchworks.example"]
        assert not settings.DEBUG
        assert not settings.DEMO_ALLOWED

    def test_sends_cookies_over_tls_only(self) -> None:
        settings = read("config.settings.production")

        assert settings.SESSION_COOKIE_SECURE
        assert settings.CSRF_COOKIE_SECURE
        assert settings.SECURE_SSL_REDIRECT

    def test_believes_no_header_without_a_proxy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BEHIND_PROXY", "0")

        settings = read("config.settings.production")

        assert not hasattr(settings, "SECURE_PROXY_SSL_HEADER")
        assert not hasattr(settings, "AXES_CLIENT_IP_CALLABLE")


class TestWsgi:
    def test_is_what_the_web_server_calls(self) -> None:
        assert callable(application)
