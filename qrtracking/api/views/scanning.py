"""What scan pages send while people scan: `/api/v1/qr/scans` and what goes with it."""

from typing import cast
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import IdempotentCreateMixin
from accounts.api.permissions import OrganizationPermission
from accounts.api.schema import IDEMPOTENCY_KEY
from accounts.models import User
from qrtracking import errors
from qrtracking.api import scanning_wire, wire
from qrtracking.api.scanning_answers import ScansAnswer, UndoAnswer
from qrtracking.api.scanning_wire import BatchRequest, ScansRequest
from qrtracking.rules.scan_words import ScanAnswer
from qrtracking.services.scan_list import list_items
from qrtracking.services.scanning import ScanResult, scan
from qrtracking.services.undoing import undo_last


class StationView(IdempotentCreateMixin):
    permission_classes = [OrganizationPermission]


class ScansView(StationView):
    # Each scan stands for itself: what came before one that fails is kept.
    idempotency_atomic = False

    @extend_schema(request=ScansRequest, responses=ScansAnswer, parameters=[IDEMPOTENCY_KEY])
    def post(self, request: Request) -> Response:
        """Do what up to 200 scanned labels mean, in their order, each with its own outcome.

        A scan that is sent again has the outcome that it had: a client sends what it has queued
        until it is answered.
        """
        user, body = cast(User, request.user), wire.read_body(request)
        scans, batch_id = scanning_wire.read_scans(body), wire.read_id(body["batch_id"])
        results = [_scan_one(user, batch_id, arguments) for arguments in scans]
        return Response(ScansAnswer({"results": results}).data)


class UndoView(StationView):
    @extend_schema(request=BatchRequest, responses=UndoAnswer, parameters=[IDEMPOTENCY_KEY])
    def post(self, request: Request) -> Response:
        """Take back the last thing that the caller did in a batch."""
        batch_id = scanning_wire.read_batch(wire.read_body(request))
        undone = undo_last(actor=cast(User, request.user), batch_id=batch_id)
        return Response(UndoAnswer(undone).data)


def _scan_one(user: User, batch_id: UUID, arguments: dict[str, object]) -> ScanResult:
    """A uuid that somebody else has used is an outcome too: the scans behind it are not held up."""
    try:
        return scan(actor=user, batch_id=batch_id, **arguments)  # type: ignore[arg-type] # as validated
    except errors.ClientUuidReused as error:
        return ScanResult(
            client_uuid=cast(UUID, arguments["client_uuid"]),
            outcome=ScanAnswer.WRONG,
            message=error.message,
            list_count=list_items(user=user, batch_id=batch_id).count(),
            case=None,
            unit=None,
            event_id=None,
            is_repeat=False,
        )
