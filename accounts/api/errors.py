"""Every error of the API as `{"error": text, "code": stable code, "fields"?: {...}}`."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions
from rest_framework.parsers import JSONParser
from rest_framework.response import Response
from rest_framework.serializers import as_serializer_error
from rest_framework.views import set_rollback

from accounts.errors import DomainError, Kind

logger = logging.getLogger(__name__)

STATUS_OF_KIND: Mapping[Kind, int] = {
    "invalid": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "too_large": 413,
    "unprocessable": 422,
}


@dataclass(frozen=True)
class Problem:
    status: int
    error: str
    code: str
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self, envelope: str | None) -> dict[str, Any]:
        start: dict[str, Any] = {"success": False} if envelope == "success" else {}
        return start | {"error": self.error, "code": self.code} | dict(self.extra)


NOT_FOUND = Problem(404, "Not found", "not_found")
FORBIDDEN = Problem(403, "Forbidden", "forbidden")
TOO_LARGE = Problem(413, "Request body too large", "request_too_large")
BAD_REQUEST = Problem(400, "Bad request", "bad_request")
INVALID_CHARACTERS = Problem(400, "Invalid characters in request", "invalid_characters")
UNAVAILABLE = Problem(
    503,
    "Service unavailable. Try again in a moment.",
    "unavailable",
    headers={"Retry-After": "5"},
)
INTERNAL_ERROR = Problem(500, "Internal error", "internal_error")

FIXED_WORDS: Mapping[int, tuple[str, str]] = {
    401: ("Unauthorized", "unauthenticated"),
    404: (NOT_FOUND.error, NOT_FOUND.code),
    405: ("Method not allowed", "method_not_allowed"),
    429: ("Too many requests", "too_many_requests"),
}

PLAIN_ERRORS: Mapping[type[Exception], Problem] = {
    Http404: NOT_FOUND,
    PermissionDenied: FORBIDDEN,
    RequestDataTooBig: TOO_LARGE,
    SuspiciousOperation: BAD_REQUEST,
    UnreadablePostError: BAD_REQUEST,
}


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response:
    problem = problem_of(exc, context)
    if problem.status >= 500:
        logger.error("request failed", exc_info=exc)
    set_rollback()
    envelope = getattr(context.get("view"), "envelope", None)
    return Response(problem.body(envelope), status=problem.status, headers=dict(problem.headers))


def problem_of(exc: Exception, context: Mapping[str, Any]) -> Problem:
    if isinstance(exc, DomainError):
        return Problem(STATUS_OF_KIND[exc.kind], exc.message, exc.code, exc.extra)
    if isinstance(exc, ModelValidationError):
        return _invalid_fields(as_serializer_error(exc))
    if isinstance(exc, exceptions.APIException):
        return _api_problem(exc, context)
    for error_class, problem in PLAIN_ERRORS.items():
        if isinstance(exc, error_class):
            return problem
    return _database_problem(exc) or INTERNAL_ERROR


def _database_problem(exc: Exception) -> Problem | None:
    """PostgreSQL text has no zero byte. Other values that a column cannot hold are our mistake.

    A database that is away or busy is nobody's mistake: the client may come again.
    """
    if isinstance(exc, OperationalError | InterfaceError):
        return UNAVAILABLE
    if isinstance(exc, DataError) and "NUL" in str(exc):
        return INVALID_CHARACTERS
    return None


def _api_problem(exc: exceptions.APIException, context: Mapping[str, Any]) -> Problem:
    if isinstance(exc, exceptions.ValidationError):
        return _invalid_fields(exc.detail)
    error, code = _words(exc, context)
    return Problem(exc.status_code, error, code, headers=_headers(exc))


def _words(exc: exceptions.APIException, context: Mapping[str, Any]) -> tuple[str, str]:
    """Text and code; the library's own text only where a view chose it."""
    if isinstance(exc, exceptions.ParseError):
        return _parse_words(exc)
    if exc.status_code == 415:
        return _media_type_text(context), "unsupported_media_type"
    if exc.status_code in FIXED_WORDS and not _has_own_text(exc):
        return FIXED_WORDS[exc.status_code]
    if exc.status_code >= 500:
        return INTERNAL_ERROR.error, INTERNAL_ERROR.code
    return str(exc.detail), _code(exc)


def _has_own_text(exc: exceptions.APIException) -> bool:
    return isinstance(exc, exceptions.NotFound) and exc.detail != exc.default_detail


def _headers(exc: exceptions.APIException) -> dict[str, str]:
    """What the library's dispatcher and throttles left on the error for the answer's head."""
    if header := getattr(exc, "auth_header", None):
        return {"WWW-Authenticate": str(header)}
    if wait := getattr(exc, "wait", None):
        return {"Retry-After": str(int(wait))}
    return {}


def _code(exc: exceptions.APIException) -> str:
    code = exc.get_codes()
    return code if isinstance(code, str) else str(exc.default_code)


def _media_type_text(context: Mapping[str, Any]) -> str:
    parsers = getattr(context.get("view"), "parser_classes", [])
    if all(issubclass(parser, JSONParser) for parser in parsers):
        return "Content-Type must be application/json"
    return "This Content-Type is not supported"


def _parse_words(exc: exceptions.APIException) -> tuple[str, str]:
    # The library's text repeats parts of the body and differs between Python versions.
    if str(exc.detail).startswith("JSON parse error"):
        return "Invalid JSON body", "invalid_json"
    return str(exc.detail), _code(exc)


def _invalid_fields(detail: Any) -> Problem:
    fields = detail if isinstance(detail, Mapping) else {"non_field_errors": detail}
    return Problem(400, _first_message(fields), "validation_error", {"fields": fields})


def _first_message(detail: Any, path: str = "") -> str:
    """The first leaf, led by the name of its field: `items.0.price: A valid number is required.`"""
    if isinstance(detail, Mapping):
        items = [(str(key), value) for key, value in detail.items() if value]
    elif isinstance(detail, list) and any(not isinstance(item, str) for item in detail):
        items = [(str(index), value) for index, value in enumerate(detail) if value]
    else:
        first = detail[0] if isinstance(detail, list) and detail else detail
        return f"{path}: {first}" if path else str(first)
    if not items:
        return "Invalid input"
    key, value = items[0]
    below = path if key == "non_field_errors" else f"{path}.{key}".strip(".")
    return _first_message(value, below)
