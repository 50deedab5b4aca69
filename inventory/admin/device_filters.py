"""Filters over devices: those of the API, by the same names in the address."""

from inventory.admin.base import find_organization
from inventory.models import DeviceStatus, WorkingStatus
from inventory.selectors.devices import DeviceFilters, filter_devices
from jobs.admin_base import AutocompleteFilter, ConstantFilter

PLACE = "stock__location"
PLACE_FILTER = (PLACE, AutocompleteFilter)


class DeviceFilter(ConstantFilter):
    offered: tuple[tuple[str, str], ...]

    def __init__(self, request, *args):
        super().__init__(request, *args)
        self.organization = find_organization(request)

    def lookups(self, request, model_admin):
        return self.offered

    def apply(self, queryset, value):
        if self.organization is None:
            return queryset.none()
        filters = DeviceFilters.from_texts({self.parameter_name: value})
        return filter_devices(queryset, filters, [self.organization.pk])


class WorkingFilter(DeviceFilter):
    title = parameter_name = "working"
    offered = tuple((status.value, status.label) for status in WorkingStatus)


class StatusFilter(DeviceFilter):
    title = parameter_name = "status"
    offered = ((DeviceStatus.ACTIVE.value, "In stock"), (DeviceStatus.REMOVED.value, "Removed"))


class LuhnFilter(DeviceFilter):
    title, parameter_name = "check digit", "luhn_invalid"
    offered = (("yes", "Wrong"),)


class AssumedFilter(DeviceFilter):
    title, parameter_name = "assumed fields", "assumed"
    offered = (("yes", "With fallbacks"),)


class TacFilter(DeviceFilter):
    title, parameter_name = "model and TAC", "tac_mismatch"
    offered = (("yes", "Model differs"),)


class SuggestedFilter(DeviceFilter):
    title, parameter_name = "suggestion", "suggested"
    offered = (("yes", "Model suggested"),)


OWN_FILTERS = (
    WorkingFilter, StatusFilter, LuhnFilter, AssumedFilter, TacFilter, SuggestedFilter,
)  # fmt: skip


def filters_of(request) -> dict[str, str]:
    """What the list is narrowed by, as filters of an export; without blanks."""
    asked = {
        **{one.parameter_name: request.GET.get(one.parameter_name, "") for one in OWN_FILTERS},
        "location_id": request.GET.get(f"{PLACE}__id__exact", ""),
        "search": request.GET.get("q", "").strip(),
    }
    return {name: value for name, value in asked.items() if value}
