"""Filters over items and batches: each is answered by an index that starts with the organization."""

from django.db.models.functions import Now

from inventory.admin.advice import ADVICE
from inventory.admin.base import find_organization, is_search
from inventory.models import BatchStatus, ItemStatus, QueueBatch, QueueSource
from jobs.admin_base import ConstantFilter

SOURCES = ("bulk-add", "single-add", "api", "file-import", "paste", "scan", "correction")
# The newest batches and the named sources are offered; any other can be asked for by address.
BATCHES_OFFERED, SOURCES_OFFERED = 10, 50


class StatusFilter(ConstantFilter):
    title = "status"
    parameter_name = "status"

    def lookups(self, request, model_admin):
        return [("all", "All, by status"), *ItemStatus.choices]

    def choices(self, changelist):
        """Without the choice of none: the list always has a status, or all of them."""
        return list(super().choices(changelist))[1:]

    def queryset(self, request, queryset):
        """Who searches an IMEI means it in every status."""
        return queryset if is_search(request) else super().queryset(request, queryset)

    def apply(self, queryset, value):
        return queryset if value == "all" else queryset.filter(status=value)


class DelayedFilter(ConstantFilter):
    title = "delayed"
    parameter_name = "delayed"

    def lookups(self, request, model_admin):
        return [("yes", "Waits for a time"), ("no", "Due now")]

    def apply(self, queryset, value):
        return queryset.pending().filter(run_after__isnull=value == "no")


class ErrorCodeFilter(ConstantFilter):
    title = "error code"
    parameter_name = "error_code"

    def lookups(self, request, model_admin):
        return [(code, code) for code in ADVICE]

    def apply(self, queryset, value):
        return queryset.failed().filter(error_code=value)


class SourceFilter(ConstantFilter):
    title = "source"
    parameter_name = "source"

    def lookups(self, request, model_admin):
        named = QueueSource.objects.visible_to(request.user).order_by("name")
        names = named.values_list("name", flat=True).distinct()[:SOURCES_OFFERED]
        asked = request.GET.get(self.parameter_name)
        known = dict.fromkeys([*SOURCES, *names, *([asked] if asked else [])])
        return [(name, name) for name in known]

    def apply(self, queryset, value):
        return queryset.filter(source=value)


class BatchFilter(ConstantFilter):
    title = "batch"
    parameter_name = "batch"

    def lookups(self, request, model_admin):
        batches = QueueBatch.objects.filter(organization=find_organization(request))
        newest = batches.order_by("-created_at", "-id").values_list("batch_id", flat=True)
        asked = request.GET.get(self.parameter_name)
        ids = dict.fromkeys([*([asked] if asked else []), *newest[:BATCHES_OFFERED]])
        return [(batch_id, batch_id) for batch_id in ids]

    def apply(self, queryset, value):
        return queryset.filter(batch_id=value)


class BatchStatusFilter(ConstantFilter):
    title = "status"
    parameter_name = "status"

    def lookups(self, request, model_admin):
        return [*BatchStatus.choices, ("scheduled", "Scheduled"), ("undone", "Undone")]

    def apply(self, queryset, value):
        match value:
            case "undone":
                return queryset.filter(undone_at__isnull=False)
            case "scheduled":
                return queryset.filter(scheduled_at__gt=Now(), status=BatchStatus.ACTIVE)
            case _:
                return queryset.filter(status=value)
