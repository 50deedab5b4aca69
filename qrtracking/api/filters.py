"""Allow-listed filters. (The library ships no types.)"""

import django_filters
from django.db.models import F

from accounts.api.filters import ChoicesFilter, IntegerFilter, YesNoFilter
from qrtracking.models import (
    BatchStatus,
    CaseStatus,
    LabelKind,
    OrderStatus,
    PlanPhase,
    PreparedStatus,
    ReverseJobStatus,
    UnitStatus,
)
from qrtracking.models.case import MasterCodeQuerySet
from qrtracking.models.unit import UnitCodeQuerySet
from qrtracking.rules.sscc import LENGTH, is_sscc
from qrtracking.rules.text import EntryKind, parse_entries


class ReverseJobFilter(django_filters.FilterSet):  # type: ignore[misc]
    batch = django_filters.UUIDFilter(field_name="batch_id")
    order = django_filters.UUIDFilter(field_name="order_id")
    status = ChoicesFilter(choices=ReverseJobStatus.choices)


class OrderFilter(django_filters.FilterSet):  # type: ignore[misc]
    status = ChoicesFilter(choices=OrderStatus.choices)
    order_no = django_filters.CharFilter()


class BatchFilter(django_filters.FilterSet):  # type: ignore[misc]
    order = django_filters.UUIDFilter(field_name="order_id")
    status = ChoicesFilter(choices=BatchStatus.choices)


class BatchCaseFilter(django_filters.FilterSet):  # type: ignore[misc]
    status = ChoicesFilter(choices=CaseStatus.choices)
    case_number = IntegerFilter()
    code = django_filters.CharFilter(method="with_code")

    def with_code(self, cases: MasterCodeQuerySet, name: str, text: str) -> MasterCodeQuerySet:
        label = _label_of(text)
        sscc = label.removeprefix("00") if len(label) > LENGTH else label
        if is_sscc(sscc):
            return cases.filter(sscc=sscc)
        return cases.with_code(label) if label else cases.none()


class CaseFilter(BatchCaseFilter):
    batch = django_filters.UUIDFilter(field_name="batch_id")
    order = django_filters.UUIDFilter(field_name="order_id")


class CaseUnitFilter(django_filters.FilterSet):  # type: ignore[misc]
    status = ChoicesFilter(choices=UnitStatus.choices)
    variant = django_filters.UUIDFilter(field_name="variant_id")
    is_buffer = YesNoFilter()
    seq_from = IntegerFilter(field_name="sequence_number", lookup_expr="gte")
    seq_to = IntegerFilter(field_name="sequence_number", lookup_expr="lte")


class BatchUnitFilter(CaseUnitFilter):
    case = IntegerFilter(method="in_case", label="The number of the case that the unit lies in.")
    planned_case = IntegerFilter(field_name="planned_case_number")

    def in_case(self, units: UnitCodeQuerySet, name: str, number: int) -> UnitCodeQuerySet:
        return units.filter(master_code__batch_id=F("batch_id"), master_code__case_number=number)


class UnitFilter(BatchUnitFilter):
    batch = django_filters.UUIDFilter(field_name="batch_id")
    code = django_filters.CharFilter(method="with_code")

    def with_code(self, units: UnitCodeQuerySet, name: str, text: str) -> UnitCodeQuerySet:
        label = _label_of(text)
        return units.with_code(label) if label else units.none()


class PackingPlanFilter(django_filters.FilterSet):  # type: ignore[misc]
    batch = django_filters.UUIDFilter(field_name="batch_id")
    order = django_filters.UUIDFilter(field_name="order_id")
    status = ChoicesFilter(choices=ReverseJobStatus.choices)
    phase = django_filters.ChoiceFilter(choices=PlanPhase.choices)


class LabelSheetFilter(django_filters.FilterSet):  # type: ignore[misc]
    batch = django_filters.UUIDFilter(field_name="batch_id")
    kind = ChoicesFilter(choices=LabelKind.choices)
    status = ChoicesFilter(choices=ReverseJobStatus.choices)


class PreparedFilter(django_filters.FilterSet):  # type: ignore[misc]
    status = ChoicesFilter(choices=PreparedStatus.choices)


def _label_of(text: str) -> str:
    """The code of one label, however it was typed; empty for a number or a list."""
    entries = parse_entries(text)
    is_label = len(entries) == 1 and entries[0].kind is EntryKind.CODE
    return entries[0].text if is_label else ""
