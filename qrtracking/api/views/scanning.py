"""What scan pages send while people scan: `/api/v1/qr/scans` and what goes with it."""

from typing import cast
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import IdempotentCreateMixin
from accounts.api.permissions import OrganizationPermission
from accounts.api.schema import IDEMPOTENCY_KEY
from accounts.models import Role, User
from qrtracking import errors
from qrtracking.api import scanning_wire, wire
from qrtracking.api.scanning_answers import (
    PhotoAnswer,
    ReceiveAnswer,
    ReplacementsAnswer,
    ScansAnswer,
    UndoAnswer,
)
from qrtracking.api.scanning_wire import (
    BatchRequest,
    PhotoRequest,
    ReceiveRequest,
    ReplacementsRequest,
    ScansRequest,
)
from qrtracking.rules.scan_words import ScanAnswer
from qrtracking.services.receiving import receive_cases
from qrtracking.services.scan_list import list_items
from qrtracking.services.scanning import ScanResult, scan
from qrtracking.services.spoiling import replace_spoiled
from qrtracking.services.undoing import undo_last
from scanning.errors import ImageTooLarge, NotAnImage
from scanning.photos import LARGEST_FILE, decode_codes


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


class ReceiveView(StationView):
    required_roles = {"post": Role.MANAGER}

    @extend_schema(request=ReceiveRequest, responses=ReceiveAnswer, parameters=[IDEMPOTENCY_KEY])
    def post(self, request: Request) -> Response:
        """Mark shipped cases as received, each for itself; this locks their orders."""
        arguments = scanning_wire.read_receipt(wire.read_body(request))
        receipt = receive_cases(actor=cast(User, request.user), **arguments)
        return Response(ReceiveAnswer(receipt).data)


class ReplacementsView(StationView):
    required_roles = {"post": Role.MANAGER}

    @extend_schema(
        request=ReplacementsRequest, responses=ReplacementsAnswer, parameters=[IDEMPOTENCY_KEY]
    )
    def post(self, request: Request) -> Response:
        """Mark units as spoiled and put spares into their places, each for itself."""
        arguments = scanning_wire.read_replacements(wire.read_body(request))
        lines = replace_spoiled(actor=cast(User, request.user), **arguments)
        return Response(ReplacementsAnswer({"results": lines}).data)


class DecodeView(StationView):
    parser_classes = [MultiPartParser]

    @extend_schema(
        request={"multipart/form-data": PhotoRequest},
        responses=PhotoAnswer,
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request) -> Response:
        """Read all codes of a photo, for phones that cannot do it themselves; changes nothing."""
        photo = request.FILES.get("image")
        if photo is None:
            raise NotAnImage
        if (photo.size or 0) > LARGEST_FILE:
            raise ImageTooLarge
        return Response(PhotoAnswer({"codes": decode_codes(photo.read())}).data)


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
