"""Questions about the units of a batch that are asked with a list of excludes."""

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.schema import IDEMPOTENCY_KEY
from accounts.models import Role, User
from qrtracking import errors
from qrtracking.api import scanning_wire, wire
from qrtracking.api.available_answers import CodesAnswer, CodesRequest, read_question
from qrtracking.api.exclude_answers import ResolveAnswer, ResolveRequest, read_text
from qrtracking.api.views.contract import ContractView
from qrtracking.api.views.scanning import StationView
from qrtracking.selectors.available import list_available
from qrtracking.selectors.excludes import preview_excludes
from qrtracking.selectors.visible import list_batches
from qrtracking.services.reverse_jobs import check_excludes, check_filters


class ResolveView(StationView):
    # It reads; a list of excludes is too long for an address.
    required_roles = {"post": Role.VIEWER}

    @extend_schema(request=ResolveRequest, responses=ResolveAnswer, parameters=[IDEMPOTENCY_KEY])
    def post(self, request: Request) -> Response:
        """What each entry of a pasted text means in a batch, as a job would read it."""
        user, body = cast(User, request.user), wire.read_body(request)
        batch_id, text = scanning_wire.read_batch(body), read_text(body)
        batch = list_batches(user=user).filter(pk=batch_id).first()
        if batch is None:
            raise errors.BatchNotFound
        filters = wire.read_filters(body)
        cases = check_filters(batch, filters["filter_variant_id"], filters["filter_case_numbers"])
        preview = preview_excludes(
            batch=batch,
            entries=check_excludes([text]),
            variant_id=filters["filter_variant_id"],
            case_numbers=cases,
        )
        return Response(ResolveAnswer(preview).data)


class CodesView(ContractView):
    # It reads; a list of excludes is too long for an address.
    required_roles = {"post": Role.VIEWER}

    @extend_schema(request=CodesRequest, responses=CodesAnswer, parameters=[IDEMPOTENCY_KEY])
    def post(self, request: Request) -> Response:
        """The available units of a batch by sequence, without the excluded ones."""
        question = read_question(wire.read_body(request))
        available = list_available(user=cast(User, request.user), **question)
        return Response(CodesAnswer(available).data)
