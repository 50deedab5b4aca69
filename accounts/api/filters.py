"""What allow-listed filters are made of. (The library ships no types.)"""

from typing import Any

import django_filters
from django import forms
from drf_spectacular.utils import extend_schema_field

YES_OR_NO = (("true", "true"), ("false", "false"))


class ChoicesFilter(django_filters.MultipleChoiceFilter):  # type: ignore[misc]
    """One of several words. No row has two, so none of them comes twice: nothing is to be sorted."""

    def __init__(self, **options: Any) -> None:
        super().__init__(distinct=False, **options)


class IntegerFilter(django_filters.NumberFilter):  # type: ignore[misc]
    field_class = forms.IntegerField


@extend_schema_field(bool)
class YesNoFilter(django_filters.TypedChoiceFilter):  # type: ignore[misc]
    """`true` or `false`; the library's own filter would take any other word for no filter."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=YES_OR_NO, coerce="true".__eq__, **options)
