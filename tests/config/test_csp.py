import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def policy(client: Client, path: str) -> dict[str, str]:
    header = client.get(path).headers["Content-Security-Policy"]
    parts = (part.strip().partition(" ") for part in header.split(";"))
    return {name: sources for name, _space, sources in parts}


class TestPathCSPMiddleware:
    @pytest.mark.parametrize("path", ["/login", "/livez", "/nowhere", "/administration"])
    def test_is_strict_by_default(self, client: Client, path: str) -> None:
        found = policy(client, path)

        assert found["default-src"] == "'none'"
        assert found["script-src"] == found["style-src"] == "'self'"
        assert found["frame-ancestors"] == "'none'"

    def test_lets_the_admins_theme_evaluate_its_expressions(self, client: Client) -> None:
        found = policy(client, "/admin/login/")

        assert found["script-src"] == "'self' 'unsafe-eval'"
        assert found["style-src"] == "'self' 'unsafe-inline'"

    def test_lets_scan_pages_read_camera_pictures_with_webassembly_and_nothing_else(
        self, client: Client
    ) -> None:
        found, strict = policy(client, "/scan/"), policy(client, "/login")

        assert found.pop("script-src") == "'self' 'wasm-unsafe-eval'"
        assert strict.pop("script-src") == "'self'"
        assert found == strict
        assert found["worker-src"] == "'self'"

    def test_lets_the_api_pages_set_styles_but_no_inline_scripts(self, client: Client) -> None:
        found = policy(client, "/api/docs")

        assert found["script-src"] == "'self'"
        assert found["style-src"] == "'self' 'unsafe-inline'"
