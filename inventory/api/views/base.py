"""What all endpoints of the queue's contract share."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.conf import settings
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import IdempotentCreateMixin
from inventory.api.authentication import Caller, QueueTokenAuthentication, caller_of
from inventory.api.bodies import RequestBody
from inventory.api.permissions import QueuePermission
from inventory.api.problems import exception_handler


class QueueView(IdempotentCreateMixin):
    authentication_classes = [QueueTokenAuthentication]
    permission_classes = [QueuePermission]
    # What a call does is committed piece by piece: see the services.
    idempotency_atomic: ClassVar[bool] = False
    # Whether an organization that lets everybody in allows this write without a token.
    is_open: ClassVar[bool] = False

    body: RequestBody

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.body = RequestBody(request._request, megabytes=settings.QUEUE_MAX_BODY_MB)
        super().initial(request, *args, **kwargs)

    def request_digest(self, request: Request) -> str:
        return self.body.digest()

    def get_exception_handler(self) -> Callable[..., Any]:
        return exception_handler

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        if hasattr(self, "body"):
            self.body.close()
        return super().finalize_response(request, response, *args, **kwargs)

    @property
    def caller(self) -> Caller:
        return caller_of(self.request)

    def require_json(self) -> None:
        """A request without any body needs no type. Raises UnsupportedMediaType."""
        media_type = (self.request.content_type or "").partition(";")[0].strip().lower()
        if media_type != "application/json" and not self.body.is_absent:
            raise UnsupportedMediaType(media_type)


def failure_data(text: str) -> dict[str, Any]:
    return {"data": {"processed": 0, "errors": [text]}}
