"""Allow-listed filters of `/api/v1/inventory`. (The library ships no types.)"""

import django_filters

from accounts.api.filters import ChoicesFilter
from inventory.models import BatchStatus


class BatchFilter(django_filters.FilterSet):  # type: ignore[misc]
    status = ChoicesFilter(choices=BatchStatus.choices)
    source = django_filters.CharFilter()
    createdFrom = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")  # noqa: N815
    createdBefore = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")  # noqa: N815
