import hashlib
import json
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import Any, ClassVar

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import (
    Answer,
    IdempotentRequest,
    answer_once,
    answer_once_committed,
)
from accounts.models import User

Handler = Callable[..., HttpResponseBase]


class IdempotentCreateMixin(APIView):
    """Honours `Idempotency-Key` on every writing method of the view.

    The same body gets the stored answer with `Idempotent-Replayed: true`, another body 422, and 409
    while the first request runs. `idempotency_atomic = False` is for handlers that need
    transactions of their own: then a killed process may leave an effect without its answer.
    """

    idempotency_atomic: ClassVar[bool] = True

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        method = (request.method or "").lower()
        handler = getattr(self, method, None)
        if handler is None or request.method in SAFE_METHODS:
            return
        identified = _identify(request, self.request_digest)
        if identified is not None:
            # The dispatcher looks the handler up on this instance next.
            setattr(self, method, partial(self._answer_once, identified, handler))

    def request_digest(self, request: Request) -> str:
        """What tells requests apart; views that read their bodies themselves have their own."""
        return _digest(request)

    def _answer_once(
        self,
        identified: IdempotentRequest,
        handler: Handler,
        request: Request,
        *args: Any,
        **kwargs: Any,
    ) -> HttpResponseBase:
        fresh: list[HttpResponseBase] = []

        def produce() -> Answer:
            fresh.append(self._answer(partial(handler, request, *args, **kwargs)))
            return _answer_of(fresh[0])

        if self.idempotency_atomic:
            answer = answer_once(request=identified, produce=produce)
        else:
            answer = answer_once_committed(request=identified, produce=produce, now=timezone.now())
        return fresh[0] if fresh else _replay(answer)

    def _answer(self, call: Callable[[], HttpResponseBase]) -> HttpResponseBase:
        """Errors become answers here, after their effects are undone, so that they can be kept."""
        try:
            with transaction.atomic() if self.idempotency_atomic else nullcontext():
                return call()
        except Exception as error:  # noqa: BLE001 - the exception handler knows every one
            return self.handle_exception(error)


def _identify(request: Request, digest: Callable[[Request], str]) -> IdempotentRequest | None:
    """None without a key, and for callers that no stored answer could belong to."""
    key, user = request.headers.get("Idempotency-Key"), request.user
    if key is None or not isinstance(user, User) or user.organization is None:
        return None
    return IdempotentRequest(
        organization=user.organization,
        user=user,
        path=request.path[:500],
        key=key,
        digest=digest(request),
    )


def _digest(request: Request) -> str:
    """Of what the request means: method, query and parsed body, files by their content."""
    digest = hashlib.sha256(f"{request.method} {request.META['QUERY_STRING']}\n".encode())
    data: Any = request.data
    if isinstance(data, MultiValueDict):
        data = {name: [_plain(value) for value in data.getlist(name)] for name in data}
    digest.update(json.dumps(data, sort_keys=True, default=_plain).encode())
    return digest.hexdigest()


def _plain(value: Any) -> Any:
    if not isinstance(value, UploadedFile):
        return str(value)
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return [value.name, digest.hexdigest()]


def _answer_of(response: HttpResponseBase) -> Answer:
    body = ""
    if isinstance(response, Response) and response.data is not None:
        body = JSONRenderer().render(response.data).decode()
    return Answer(
        status=response.status_code,
        body=body,
        location=response.headers.get("Location", ""),
        is_storable=isinstance(response, Response),
    )


def _replay(answer: Answer) -> HttpResponse:
    headers = {"Idempotent-Replayed": "true"}
    if answer.location:
        headers["Location"] = answer.location
    return HttpResponse(
        answer.body, status=answer.status, content_type="application/json", headers=headers
    )
