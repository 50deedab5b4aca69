"""What a packing station does with scanned labels, as the fixed contract names it."""

from time import perf_counter
from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.schema import IDEMPOTENCY_KEY
from accounts.models import Role, User
from qrtracking.api import packing_wire, wire
from qrtracking.api.packing_answers import (
    CheckAnswer,
    CheckRequest,
    CompleteAnswer,
    CompleteRequest,
    PackAnswer,
    PackRequest,
    PerfectAnswer,
    PerfectRequest,
    UnlinkAnswer,
    UnlinkRequest,
)
from qrtracking.api.views.contract import ContractView
from qrtracking.services.completing import complete_production
from qrtracking.services.packing import link_scanned
from qrtracking.services.perfecting import check_master_codes, mark_case_perfect
from qrtracking.services.unlinking import unlink_case


class PackView(ContractView):
    @extend_schema(request=PackRequest, responses=PackAnswer, parameters=[IDEMPOTENCY_KEY])
    def post(self, request: Request) -> Response:
        """Scan & pack: the scanned units go into the scanned case."""
        user, body = cast(User, request.user), wire.read_body(request)
        arguments = packing_wire.read_packing(body)
        packing_wire.check_organization(body, user)
        started = perf_counter()
        result = link_scanned(actor=user, **arguments)
        return Response(PackAnswer(result, context=_time_since(started)).data)


class PerfectView(ContractView):
    @extend_schema(request=PerfectRequest, responses=PerfectAnswer, parameters=[IDEMPOTENCY_KEY])
    def post(self, request: Request) -> Response:
        """Perfect case: all units that are planned for the scanned case go into it."""
        user, body = cast(User, request.user), wire.read_body(request)
        packing_wire.require(body, "master_code", "Master code is required")
        packing_wire.check_organization(body, user)
        started = perf_counter()
        result = mark_case_perfect(actor=user, **packing_wire.read_perfect(body))
        return Response(PerfectAnswer(result, context=_time_since(started)).data)


class CheckView(ContractView):
    # It reads; a list of labels is too long for an address.
    required_roles = {"post": Role.VIEWER}

    @extend_schema(request=CheckRequest, responses=CheckAnswer, parameters=[IDEMPOTENCY_KEY])
    def post(self, request: Request) -> Response:
        """Which of these cases are complete, unknown or still to be packed."""
        labels = packing_wire.read_labels(wire.read_body(request))
        checked = check_master_codes(actor=cast(User, request.user), master_codes=labels)
        return Response(CheckAnswer(checked).data)


class UnlinkView(ContractView):
    required_roles = {"post": Role.MANAGER}

    @extend_schema(request=UnlinkRequest, responses=UnlinkAnswer, parameters=[IDEMPOTENCY_KEY])
    def post(self, request: Request) -> Response:
        """Take all units out of a case."""
        body = wire.read_body(request)
        packing_wire.require(body, "master_code_id", "Master code ID is required")
        unlinked = unlink_case(
            actor=cast(User, request.user),
            case_id=wire.read_id(body["master_code_id"]),
            reason=packing_wire.read_text(body, "reason"),
        )
        return Response(UnlinkAnswer(unlinked).data)


class CompleteView(ContractView):
    required_roles = {"post": Role.MANAGER}

    @extend_schema(request=CompleteRequest, responses=CompleteAnswer, parameters=[IDEMPOTENCY_KEY])
    def post(self, request: Request) -> Response:
        """End the packing of a batch: its packed cases are ready to ship."""
        arguments = packing_wire.read_completion(wire.read_body(request))
        completion = complete_production(actor=cast(User, request.user), **arguments)
        return Response(CompleteAnswer(completion).data)


def _time_since(started: float) -> dict[str, float]:
    return {"milliseconds": (perf_counter() - started) * 1000}
