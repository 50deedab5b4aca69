"""What a scan page of the fixed contract reads."""

from typing import cast
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.schema import IDEMPOTENCY_KEY
from accounts.models import Role, User
from qrtracking import errors
from qrtracking.api import packing_wire, wire
from qrtracking.api.progress_answers import (
    BatchProgressAnswer,
    HistoryAnswer,
    ProgressAnswer,
    UnitAnswer,
    UnitQuestion,
)
from qrtracking.api.views.contract import ContractView
from qrtracking.models import UnitCode
from qrtracking.selectors.progress import get_batch_progress, get_progress, list_scanned_cases
from qrtracking.selectors.scan import find_label

HISTORY_SHOWN = 1_000


class ProgressView(ContractView):
    @extend_schema(
        responses=ProgressAnswer,
        parameters=[
            OpenApiParameter("order_id", str),
            OpenApiParameter("batch_id", str),
            OpenApiParameter("manufacturer_id", str),
        ],
    )
    def get(self, request: Request) -> Response:
        """How far the batches are, the newest first; with an order or batch also every case."""
        user = cast(User, request.user)
        manufacturer = request.query_params.get("manufacturer_id")
        packing_wire.check_organization({"manufacturer_org_id": manufacturer}, user)
        progress = get_progress(
            user=user, order_id=_id(request, "order_id"), batch_id=_id(request, "batch_id")
        )
        return Response(ProgressAnswer(progress).data)


class BatchProgressView(ContractView):
    @extend_schema(responses=BatchProgressAnswer)
    def get(self, request: Request, batch_id: UUID) -> Response:
        """How far one batch is."""
        user = cast(User, request.user)
        progress = get_batch_progress(user=user, batch_id=batch_id)
        if progress is None:
            raise errors.BatchNotFound
        return Response(BatchProgressAnswer(progress).data)


class HistoryView(ContractView):
    @extend_schema(responses=HistoryAnswer, parameters=[OpenApiParameter("order_id", str)])
    def get(self, request: Request) -> Response:
        """The cases that were scanned, the last one first."""
        user = cast(User, request.user)
        if user.organization is None:
            raise errors.NoOrganization if user.sees_all_organizations else errors.NoProfile
        cases = list_scanned_cases(
            user=user, order_id=_id(request, "order_id"), limit=HISTORY_SHOWN
        )
        return Response(HistoryAnswer({"count": len(cases), "history": cases}).data)


class UnitView(ContractView):
    # It reads; labels do not belong into addresses, which are logged.
    required_roles = {"post": Role.VIEWER}

    @extend_schema(request=UnitQuestion, responses=UnitAnswer, parameters=[IDEMPOTENCY_KEY])
    def post(self, request: Request) -> Response:
        """What a unit label is, and where its unit lies; changes nothing."""
        body = wire.read_body(request)
        packing_wire.require(body, "qr_code", "QR code is required")
        text = packing_wire.read_text(body, "qr_code")
        label = find_label(user=cast(User, request.user), text=text)
        if label is None or label.kind != "unit":
            raise errors.UnitNotFound
        units = UnitCode.objects.select_related("product", "variant", "batch__order", "master_code")
        unit = units.get(batch_id=label.batch_id, sequence_number=label.number)
        return Response(UnitAnswer(unit).data)


def _id(request: Request, name: str) -> UUID | None:
    value = request.query_params.get(name)
    return wire.read_id(value) if value else None
