"""Errors of the API are JSON, whoever raises them: the router, a middleware, Django or a view."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase

from config.clean_input import (
    check_size,
    drain,
    has_forbidden_head,
    has_forbidden_text,
    has_foreign_charset,
)
from inventory.api.problems import body_outside_views, is_queue_path

API_PREFIXES = ("/api/", "/functions/")
# The contract of these families puts `success` first.
SUCCESS_PREFIXES = (
    "/api/manufacturer/",
    "/api/qr/",
    "/functions/v1/batch-progress",
    "/functions/v1/check-master-codes",
    "/functions/v1/complete-production",
    "/functions/v1/get-batch-codes",
    "/functions/v1/link-to-master",
    "/functions/v1/mark-case-perfect",
    "/functions/v1/reverse-job-",
    "/functions/v1/scan-",
    "/functions/v1/unlink-master",
)

MESSAGES = {
    400: ("Bad request", "bad_request"),
    401: ("Unauthorized", "unauthenticated"),
    403: ("Forbidden", "forbidden"),
    404: ("Not found", "not_found"),
    405: ("Method not allowed", "method_not_allowed"),
    406: ("Only application/json is served", "not_acceptable"),
    413: ("Request body too large", "request_too_large"),
    415: ("Content-Type must be application/json", "unsupported_media_type"),
    429: ("Too many requests", "too_many_requests"),
    500: ("Internal error", "internal_error"),
    503: ("Service unavailable", "service_unavailable"),
}
KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")


def is_api_path(path: str) -> bool:
    return path.startswith(API_PREFIXES) or path in ("/api", "/functions")


def error_response(
    request: HttpRequest, status: int, message: str | None = None, code: str | None = None
) -> JsonResponse:
    """One error body in the envelope of the path's family."""
    usual_message, usual_code = MESSAGES.get(status) or _standard_words(status)
    body = {"error": message or usual_message, "code": code or usual_code}
    if is_queue_path(request.path_info):
        return JsonResponse(
            body_outside_views(request.path_info, status=status, **body), status=status
        )
    if request.path_info.startswith(SUCCESS_PREFIXES):
        return JsonResponse({"success": False, **body}, status=status)
    return JsonResponse(body, status=status)


def _standard_words(status: int) -> tuple[str, str]:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        return MESSAGES[500]
    return phrase, phrase.lower().replace(" ", "_").replace("-", "_")


class CleanInputMiddleware:
    """Answers hopeless requests before any view or database query sees them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._refusal(request) or self.get_response(request)

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        try:
            # These views read bodies of any size themselves, and never into memory.
            if is_queue_path(request.path_info):
                forbidden = has_forbidden_head(request)
            else:
                check_size(
                    request,
                    limit=settings.API_MAX_BODY_BYTES,
                    upload_limit=settings.API_MAX_UPLOAD_BYTES,
                )
                forbidden = has_forbidden_text(request)
        except RequestDataTooBig:
            drain(request)
            return self._answer(request, 413)
        except UnreadablePostError:
            return self._answer(request, 400)
        if forbidden:
            message, code = "Invalid characters in request", "invalid_characters"
            return self._answer(request, 400, message, code)
        if has_foreign_charset(request):
            return self._answer(request, 415)
        return None

    def _answer(
        self, request: HttpRequest, status: int, message: str | None = None, code: str | None = None
    ) -> HttpResponse:
        if is_api_path(request.path_info):
            return error_response(request, status, message, code)
        text = message or MESSAGES[status][0]
        return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


class JsonErrorsMiddleware:
    """Turns every error under the API's prefixes that is not JSON into JSON."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code < 400 or not is_api_path(request.path_info):
            return response
        if response.get("Content-Type", "").startswith("application/json"):
            return response
        answer = error_response(request, response.status_code)
        answer["Content-Length"] = str(len(answer.content))
        for header in KEPT_HEADERS:
            if header in response:
                answer[header] = response[header]
        answer.cookies = response.cookies
        return answer
