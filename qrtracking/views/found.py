"""Find by unit: what a scanned label is and where it lies."""

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from qrtracking.models import CaseStatus, MasterCode, UnitCode, UnitStatus
from qrtracking.selectors.scan import (
    Label,
    find_label,
    get_found_case,
    get_found_unit,
    get_overview,
)
from qrtracking.views.answers import shorten
from scanning.answers import Answer, keep_answer

# How full a case is says all about these.
_IN_PRODUCTION = (CaseStatus.GENERATED, CaseStatus.PRINTED, CaseStatus.PACKED)


def find(request: HttpRequest, user: User, text: str) -> str:
    """The address that a scanned label leads to: its batch, else the open orders with an answer."""
    label = find_label(user=user, text=text)
    if label is None or get_overview(user=user, batch_id=label.batch_id) is None:
        return reverse("scan:home") + keep_answer(request, _unknown(text))
    answer = found(label, scanned=text)
    return reverse("scan:batch", args=[label.batch_id]) + keep_answer(request, answer)


def found(label: Label, *, scanned: str) -> Answer:
    if label.kind == "case":
        return _case(get_found_case(label=label), scanned=scanned)
    return _unit(get_found_unit(label=label), scanned=scanned)


def _unknown(text: str) -> Answer:
    return Answer(
        kind="wrong",
        title="This code is not known in your organization.",
        scanned=shorten(text),
        expected="a unit or case label of one of your orders",
        advice="Scan it again, or choose the order below.",
    )


def _case(case: MasterCode, *, scanned: str) -> Answer:
    held = f"{case.actual_unit_count:,} of {case.expected_unit_count:,} units"
    return Answer(
        kind="ok",
        title=f"Case #{case.case_number}: {held}",
        scanned=shorten(scanned),
        notes=() if case.status in _IN_PRODUCTION else (f"{case.get_status_display()}.",),
        href=_page_of(case),
        href_text=f"Open Case #{case.case_number}",
    )


def _unit(unit: UnitCode, *, scanned: str) -> Answer:
    name = f"#{unit.sequence_number}, {unit.variant.variant_code}"
    case = unit.master_code
    if case is not None:
        return Answer(
            kind="ok",
            title=f"{name}: in Case #{case.case_number}",
            scanned=shorten(scanned),
            href=_page_of(case),
            href_text=f"Open Case #{case.case_number}",
        )
    if unit.status == UnitStatus.SPOILED:
        return Answer("wrong", f"{name}: spoiled unit, do not pack.", scanned=shorten(scanned))
    planned = unit.planned_case_number
    place = f"It is planned for Case #{planned}." if planned else "It is a spare."
    return Answer("ok", f"{name}: in no case yet", scanned=shorten(scanned), notes=(place,))


def _page_of(case: MasterCode) -> str:
    return reverse("scan:case", args=[case.pk])
