import pytest
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.test import RequestFactory

from config.clean_input import (
    DRAINED_AT_ONCE,
    check_size,
    drain,
    has_forbidden_text,
    has_foreign_charset,
)

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def post(body: str | bytes, content_type: str = JSON, path: str = "/api/x") -> HttpRequest:
    return RequestFactory().generic("POST", path, body, content_type=content_type)


class TestHasForbiddenText:
    @pytest.mark.parametrize(
        "body",
        [
            '{"code": "a\\u0000b"}',
            '{"code": "a\x00b"}',
            '{"code": "\\\\\\u0000"}',
            '{"code": "\\ud800"}',
            '{"code": "\\udc00\\ud800"}',
            '{"code": "\\uD83D x"}',
        ],
    )
    def test_finds_nul_and_half_characters_in_a_body(self, body: str) -> None:
        assert has_forbidden_text(post(body))

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "{}",
            '{"code": "plain"}',
            '{"smile": "\\ud83d\\ude00", "letter": "\\u00e4"}',
            '{"a path": "C:\\\\u0000"}',
            "not json \\",
        ],
    )
    def test_lets_every_storable_text_pass(self, body: str) -> None:
        assert not has_forbidden_text(post(body))

    def test_finds_nul_in_a_form(self) -> None:
        assert has_forbidden_text(post("code=a%00b", FORM))
        assert not has_forbidden_text(post("code=a%20b", FORM))

    @pytest.mark.parametrize("path", ["/api/a%00b", "/api/x?q=%00"])
    def test_finds_nul_in_path_and_query(self, path: str) -> None:
        assert has_forbidden_text(RequestFactory().get(path))

    def test_finds_nul_in_a_cookie(self) -> None:
        factory = RequestFactory()
        factory.cookies["sessionid"] = "a\x00b"

        assert has_forbidden_text(factory.get("/"))

    def test_lets_files_hold_any_byte(self) -> None:
        assert not has_forbidden_text(post(b"--x\x00--", "multipart/form-data; boundary=x"))


class TestHasForeignCharset:
    @pytest.mark.parametrize(
        ("content_type", "is_foreign"),
        [
            ("application/json", False),
            ("application/json; charset=UTF-8", False),
            ('application/json; charset="utf-8"', False),
            ("application/json; charset=utf-16", True),
            ("application/json; charset=rot13", True),
        ],
    )
    def test_speaks_utf8_only(self, content_type: str, is_foreign: bool) -> None:
        assert has_foreign_charset(post("{}", content_type)) is is_foreign


class TestCheckSize:
    def test_refuses_by_the_announced_length(self) -> None:
        with pytest.raises(RequestDataTooBig):
            check_size(post("x" * 11), limit=10, upload_limit=100)

    def test_has_a_limit_of_its_own_for_uploads(self) -> None:
        upload = post("x" * 50, "multipart/form-data; boundary=x")

        check_size(upload, limit=10, upload_limit=100)
        with pytest.raises(RequestDataTooBig):
            check_size(upload, limit=10, upload_limit=40)


class TestDrain:
    def test_reads_the_rest_of_a_body(self) -> None:
        request = post("x" * 200_000)

        drain(request)

        assert request.read(1) == b""

    def test_stops_at_its_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("config.clean_input.DRAINED_AT_MOST", 2 * DRAINED_AT_ONCE)
        request = post("x" * (2 * DRAINED_AT_ONCE + 1))

        drain(request)

        assert request.read() == b"x"
