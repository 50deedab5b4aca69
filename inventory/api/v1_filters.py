"""Allow-listed filters of `/api/v1/inventory`. (The library ships no types.)"""

import django_filters
from django.db.models import QuerySet

from accounts.api.filters import ChoicesFilter, YesNoFilter
from inventory.api.authentication import caller_of
from inventory.models import BatchStatus, Device, Location, Movement, MovementReason
from inventory.rules.imei import read_imei
from inventory.rules.places import place_key
from inventory.rules.refusals import ItemRefused


class CreatedFilter(django_filters.FilterSet):  # type: ignore[misc]
    createdFrom = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")  # noqa: N815
    createdBefore = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")  # noqa: N815


class BatchFilter(CreatedFilter):
    status = ChoicesFilter(choices=BatchStatus.choices)
    source = django_filters.CharFilter()


class MovementFilter(CreatedFilter):
    imei = django_filters.CharFilter(method="of_device", label="In any spelling.")
    reason = ChoicesFilter(choices=MovementReason.choices)

    def of_device(self, rows: "QuerySet[Movement]", name: str, text: str) -> "QuerySet[Movement]":
        """By the device, whose movements lie side by side."""
        try:
            imei = read_imei(text).imei
        except ItemRefused:
            return rows.none()
        owner = caller_of(self.request).organization_id
        devices = Device.objects.filter(organization_id=owner, imei=imei)
        return rows.filter(item_id__in=devices.values("pk"))


class ActiveFilter(django_filters.FilterSet):  # type: ignore[misc]
    isActive = YesNoFilter(field_name="is_active")  # noqa: N815


class LocationFilter(ActiveFilter):
    warehouse = django_filters.CharFilter(method="in_warehouse", label="By its name.")
    name = django_filters.CharFilter(method="named", label="In any spelling.")

    def in_warehouse(
        self, rows: "QuerySet[Location]", name: str, text: str
    ) -> "QuerySet[Location]":
        return rows.filter(warehouse__name_key=place_key(text))

    def named(self, rows: "QuerySet[Location]", name: str, text: str) -> "QuerySet[Location]":
        return rows.filter(name_key=place_key(text))


class SourceFilter(ActiveFilter):
    name = django_filters.CharFilter()


class SkuRuleFilter(ActiveFilter):
    sku = django_filters.CharFilter()


class TacModelFilter(django_filters.FilterSet):  # type: ignore[misc]
    tac = django_filters.CharFilter()
    brand = django_filters.CharFilter(lookup_expr="iexact")
    model = django_filters.CharFilter(lookup_expr="iexact")
    confirmed = YesNoFilter()
