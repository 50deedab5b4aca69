"""What label sheets read: themselves, and the codes that they show."""

from collections import defaultdict
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, QuerySet

from accounts.models import User
from jobs.models import JobQuerySet
from qrtracking.errors.labels import LabelsMissing
from qrtracking.models import Batch, LabelKind, LabelPrinter, LabelSheet, MasterCode, UnitCode
from qrtracking.rules.labels import Label, case_label, spare_label, unit_label

SHEETS_SHOWN = 20


def list_sheets(*, user: User) -> JobQuerySet:
    sheets: JobQuerySet = LabelSheet.objects.visible_to(user)
    return sheets.select_related("order", "printer", "created_by")


def list_batch_sheets(*, user: User, batch: Batch) -> list[LabelSheet]:
    """The newest sheets of a batch."""
    sheets = list_sheets(user=user).filter(batch=batch)
    return list(sheets.order_by("-created_at", "-pk")[:SHEETS_SHOWN])


def list_printers(*, batch: Batch) -> QuerySet[LabelPrinter]:
    """The printers that labels of this batch may be sent to."""
    printers = LabelPrinter.objects.filter(organization_id=batch.organization_id, is_active=True)
    return printers.order_by("name", "pk")


def count_codes(*, batch: Batch, kind: str) -> int:
    """How many codes of a kind the batch has: numbers on labels go from 1 to it."""
    return {
        LabelKind.UNIT.value: batch.planned_unique_codes,
        LabelKind.SPARE.value: batch.spare_count,
        LabelKind.CASE.value: batch.total_master_codes,
    }[kind]


def list_labels(*, sheet: LabelSheet, skip: int, limit: int) -> list[Label]:
    """The labels of a sheet from this one on; stickers of one case follow each other.

    Raises LabelsMissing when their codes are gone.
    """
    count = min(limit, sheet.label_count - skip)
    places = range(skip, skip + count)
    numbers = [sheet.from_number + place // sheet.copies for place in places]
    build = {
        LabelKind.UNIT.value: _unit_labels,
        LabelKind.SPARE.value: _spare_labels,
        LabelKind.CASE.value: _case_labels,
    }[sheet.kind]
    found = build(sheet.batch, numbers[0], numbers[-1])
    wanted = numbers[-1] - numbers[0] + 1
    if len(found) != wanted:
        raise LabelsMissing(len(found), wanted)
    return [found[number] for number in numbers]


def _unit_labels(batch: Batch, first: int, last: int) -> dict[int, Label]:
    return {
        unit.sequence_number: unit_label(**_unit_words(batch, unit), case=unit.planned_case_number)
        for unit in _units(batch, first, last).filter(is_buffer=False)
    }


def _spare_labels(batch: Batch, first: int, last: int) -> dict[int, Label]:
    # Spares have the sequences after the planned units, those of a variant together.
    before = batch.planned_unique_codes
    all_spares = UnitCode.objects.spares().filter(batch=batch)
    starts = dict(
        all_spares.order_by().values_list("variant").annotate(first=Min("sequence_number"))
    )
    return {
        unit.sequence_number - before: spare_label(
            **_unit_words(batch, unit), number=unit.sequence_number - starts[unit.variant_id] + 1
        )
        for unit in _units(batch, before + first, before + last).spares()
    }


def _units(batch: Batch, first: int, last: int) -> Any:
    units = UnitCode.objects.filter(batch=batch, sequence_number__range=(first, last))
    fields = "code", "sequence_number", "planned_case_number", "variant__variant_code"
    return units.select_related("variant").only(*fields).order_by("sequence_number")


def _unit_words(batch: Batch, unit: UnitCode) -> dict[str, Any]:
    return {
        "base_url": settings.QR_BASE_URL,
        "code": unit.code,
        "order_no": batch.order.order_no,
        "sequence": unit.sequence_number,
        "variant": unit.variant.variant_code,
    }


def _case_labels(batch: Batch, first: int, last: int) -> dict[int, Label]:
    contents = _planned_contents(batch, first, last)
    cases = MasterCode.objects.filter(batch=batch, case_number__range=(first, last))
    return {
        case.case_number: case_label(
            base_url=settings.QR_BASE_URL,
            code=case.master_code,
            order_no=batch.order.order_no,
            case=case.case_number,
            contents=contents[case.case_number],
            sscc=case.sscc,
        )
        for case in cases.order_by("case_number")
    }


def _planned_contents(batch: Batch, first: int, last: int) -> dict[int, dict[str, int]]:
    """By case, the planned units of each variant in their sequence."""
    units = UnitCode.objects.filter(batch=batch, planned_case_number__range=(first, last))
    rows = units.values_list("planned_case_number", "variant__variant_code").annotate(
        number=Count("pk"), start=Min("sequence_number")
    )
    contents: dict[int, dict[str, int]] = defaultdict(dict)
    for case, variant, number, _ in rows.order_by("planned_case_number", "start"):
        contents[case][variant] = number
    return contents
