"""Scans that the page sends by itself, at once or after it was offline: JSON in, JSON out.

The same uuid again has no effect and the same answer, so a page sends until it is answered.
"""

import json
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views import View

from accounts.errors import DomainError
from accounts.models import Role, User
from inventory.errors import LocationUnknown, ScanUnfinished
from inventory.forms.scans import SentScanForm
from inventory.models import Location
from inventory.selectors.intake_places import find_place
from inventory.services.intake_scans import take_in
from inventory.views.answers import kind_of

MOST = 50
OTHER_ORGANIZATION = (
    "These scans belong to another organization of yours. Act for it again to send them."
)


class SentScansView(View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> JsonResponse:
        user = request.user
        if not isinstance(user, User):
            return _error("You are signed out.", 401)
        if not user.has_role(Role.OPERATOR):
            return _error("Your role does not allow this.", 403)
        body = _read_body(request)
        if body is None:
            return _error("The scans cannot be read.", 400)
        if body.get("organization") != str(user.organization and user.organization.pk):
            return _error(OTHER_ORGANIZATION, 403)
        return self._take_in(user, body)

    def _take_in(self, user: User, body: dict[str, Any]) -> JsonResponse:
        organization_id = user.organization.pk if user.organization else None
        number = body.get("location")
        place = find_place(
            organization_id=cast(UUID, organization_id),
            location_id=number if type(number) is int else None,
        )
        results = []
        for sent in body["scans"]:
            form = SentScanForm(sent)
            if not form.is_valid():
                return _error("A scan needs a uuid and a text of at most 500 characters.", 400)
            try:
                results.append(_take_one(user, place, **form.cleaned_data))
            except ScanUnfinished as error:
                return _error(error.message, 503)
        return JsonResponse({"results": results})


def _take_one(user: User, place: Location | None, *, uuid: UUID, text: str) -> dict[str, Any]:
    """A scan that cannot be taken has an outcome too: those behind it are not held up."""
    try:
        if place is None:
            raise LocationUnknown("This place is no longer there. Choose another one, scan again")
        scan = take_in(
            organization_id=place.organization_id,
            actor=user,
            place=place,
            text=text,
            client_ref=uuid,
            now=timezone.now(),
        )
    except ScanUnfinished:
        raise
    except DomainError as error:
        return _result(uuid, "wrong", f"REFUSED {error.message}")
    return _result(uuid, kind_of(scan), scan.title)


def _result(uuid: UUID, outcome: str, message: str) -> dict[str, Any]:
    return {"uuid": str(uuid), "outcome": outcome, "message": message, "case": None}


def _read_body(request: HttpRequest) -> dict[str, Any] | None:
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    scans = body.get("scans") if isinstance(body, dict) else None
    if not isinstance(scans, list) or not 0 < len(scans) <= MOST:
        return None
    return body if all(isinstance(scan, dict) for scan in scans) else None


def _error(text: str, status: int) -> JsonResponse:
    return JsonResponse({"error": text}, status=status)
