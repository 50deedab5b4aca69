"""The correlation id: one name for a request, its log lines and the jobs that it submits."""

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django_structlog.middlewares import RequestMiddleware

HEADER = "X-Correlation-ID"
SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")


class CorrelationMiddleware:
    """Takes the client's id when it is harmless, otherwise makes one; answers it back.

    django-structlog's middleware, which comes next, binds the header to the log context.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.META.get("HTTP_X_CORRELATION_ID", "")
        correlation_id = given if SANE.fullmatch(given) else str(uuid.uuid4())
        request.META["HTTP_X_CORRELATION_ID"] = correlation_id
        response = self.get_response(request)
        response[HEADER] = correlation_id
        return response


class RequestLogMiddleware(RequestMiddleware):
    """Logs each request by its path alone: a query may hold what belongs in no log."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"
