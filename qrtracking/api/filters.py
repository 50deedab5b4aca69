"""Allow-listed filters. (The library ships no types.)"""

import django_filters

from qrtracking.models import BatchStatus, CaseStatus, OrderStatus, ReverseJobStatus


class ReverseJobFilter(django_filters.FilterSet):  # type: ignore[misc]
    batch = django_filters.UUIDFilter(field_name="batch_id")
    status = django_filters.MultipleChoiceFilter(choices=ReverseJobStatus.choices)


class OrderFilter(django_filters.FilterSet):  # type: ignore[misc]
    status = django_filters.MultipleChoiceFilter(choices=OrderStatus.choices)
    order_no = django_filters.CharFilter()


class BatchFilter(django_filters.FilterSet):  # type: ignore[misc]
    order = django_filters.UUIDFilter(field_name="order_id")
    status = django_filters.MultipleChoiceFilter(choices=BatchStatus.choices)


class CaseFilter(django_filters.FilterSet):  # type: ignore[misc]
    status = django_filters.MultipleChoiceFilter(choices=CaseStatus.choices)
