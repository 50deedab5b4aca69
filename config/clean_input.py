"""Refuses requests that no view can answer well: PostgreSQL stores neither NUL nor half a character."""

import re
from contextlib import suppress

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import UnreadablePostError

DRAINED_AT_MOST = 64 * 1024 * 1024
DRAINED_AT_ONCE = 64 * 1024

# A backslash escape in JSON text: a whole surrogate pair is fine, NUL and half a pair are not.
JSON_ESCAPES = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<bad>\\u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2}))"
    rb"|\\.",
    re.DOTALL,
)
UTF8_NAMES = {"utf-8", "utf8", "us-ascii", "ascii"}


def has_forbidden_text(request: HttpRequest) -> bool:
    """Whether path, query, cookies or a text body hold characters that no database text can.

    Reads the body unless it is multipart (whose files may hold any byte), so it raises what reading
    raises: RequestDataTooBig, UnreadablePostError.
    """
    if has_forbidden_head(request):
        return True
    return request.content_type != "multipart/form-data" and _has_forbidden_bytes(request)


def has_forbidden_head(request: HttpRequest) -> bool:
    """The same of path, query and cookies alone; the body is not touched."""
    query = request.META.get("QUERY_STRING", "")
    if "\x00" in request.path_info or "\x00" in query or "%00" in query:
        return True
    return any("\x00" in value for value in request.COOKIES.values())


def _has_forbidden_bytes(request: HttpRequest) -> bool:
    body = request.body
    if b"\x00" in body:
        return True
    if request.content_type == "application/x-www-form-urlencoded":
        return b"%00" in body
    if b"\\u" not in body:
        return False
    return any(found.lastgroup == "bad" for found in JSON_ESCAPES.finditer(body))


def has_foreign_charset(request: HttpRequest) -> bool:
    """Whether the body claims another encoding than UTF-8, which is all that is spoken here."""
    charset = (request.content_params or {}).get("charset", "utf-8")
    return charset.strip('"').lower() not in UTF8_NAMES


def check_size(request: HttpRequest, *, limit: int, upload_limit: int) -> None:
    """Raise RequestDataTooBig by the length that is announced, before anything is read."""
    announced = request.META.get("CONTENT_LENGTH") or "0"
    allowed = upload_limit if request.content_type == "multipart/form-data" else limit
    if announced.isdigit() and int(announced) > allowed:
        raise RequestDataTooBig


def drain(request: HttpRequest) -> None:
    """Read a refused body: a client that is still sending it would never see the answer.

    Beyond DRAINED_AT_MOST it is left alone; then the connection breaks.
    """
    with suppress(UnreadablePostError):
        for _ in range(DRAINED_AT_MOST // DRAINED_AT_ONCE):
            if not request.read(DRAINED_AT_ONCE):
                return
