"""Errors of the queue's contract: `{"success": false, "message", "error", "code"}`, always JSON."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.conf import settings
from rest_framework.response import Response
from rest_framework.views import set_rollback

from accounts.api.errors import Problem, problem_of
from jobs.logs import get_correlation_id

logger = logging.getLogger(__name__)

QUEUE_PATH = "/api/hybrid-queue"
# The contract has words of its own for these, by our code or by status.
_BY_CODE: Mapping[str, tuple[str, str]] = {
    "idempotency_request_running": (
        "Same Idempotency-Key in progress",
        "idempotency_in_progress",
    ),
    "idempotency_key_reused": (
        "Same Idempotency-Key with a different body",
        "idempotency_mismatch",
    ),
    "idempotency_key_invalid": (
        "Idempotency-Key must have 1 to 200 printable characters.",
        "invalid_request",
    ),
    "invalid_json": ("Invalid JSON format", "invalid_json"),
    "invalid_characters": ("Invalid characters in request", "invalid_request"),
    "bad_request": ("Bad request", "invalid_request"),
}
_BY_STATUS: Mapping[int, tuple[str, str]] = {
    401: ("Authentication required", "not_authenticated"),
    403: ("Your role does not allow this", "permission_denied"),
    405: ("Method not allowed", "method_not_allowed"),
    415: ("Content-Type must be application/json", "unsupported_media_type"),
    429: ("Too many requests", "throttled"),
    503: ("Queue database is not available", "database_unavailable"),
}
ROUTE_NOT_FOUND = Problem(404, "Route not found", "route_not_found")
INTERNAL_MESSAGE = "Internal server error"


def is_queue_path(path: str) -> bool:
    return path == QUEUE_PATH or path.startswith(f"{QUEUE_PATH}/")


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response:
    problem = in_contract_words(problem_of(exc, context))
    if problem.status >= 500:
        logger.error("request failed", exc_info=exc)
    set_rollback()
    body = body_of(problem)
    describe = getattr(context.get("view"), "describe_failure", None)
    if problem.status >= 500 and describe is not None:
        body |= describe(problem)
    return Response(body, status=problem.status, headers=dict(problem.headers))


def in_contract_words(problem: Problem) -> Problem:
    if problem.status == 500:
        error = f"internal error (ref {get_correlation_id()})"
        return replace(problem, error=error, code="internal_error")
    if problem.code == "request_too_large":
        error = f"Request body is larger than {settings.QUEUE_MAX_BODY_MB} MB"
        return replace(problem, error=error, code="body_too_large")
    words = _BY_CODE.get(problem.code) or _BY_STATUS.get(problem.status)
    return replace(problem, error=words[0], code=words[1]) if words else problem


def body_of(problem: Problem) -> dict[str, Any]:
    message = INTERNAL_MESSAGE if problem.status == 500 else problem.error
    fields = {"fields": problem.extra["fields"]} if "fields" in problem.extra else {}
    body = {"success": False, "message": message, "error": problem.error, "code": problem.code}
    return body | fields


def body_outside_views(path: str, *, status: int, error: str, code: str) -> dict[str, Any]:
    """For answers that the router or a middleware gives."""
    if status == 404:
        return body_of(ROUTE_NOT_FOUND) | {"path": path}
    return body_of(in_contract_words(Problem(status, error, code)))
