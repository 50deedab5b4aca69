"""What the admin of every system builds on: big lists, job lists, job pages."""

from jobs.admin_base.big_table import BigTableAdmin
from jobs.admin_base.checks import BigTableChecks, JobChecks
from jobs.admin_base.confirm import ask_first
from jobs.admin_base.counting import BoundedPaginator, count_rows
from jobs.admin_base.filters import (
    ORGANIZATION_FILTER,
    AutocompleteFilter,
    ConstantFilter,
    KindFilter,
    PresetRangeFilter,
    StateFilter,
    preset_range,
)
from jobs.admin_base.job import JobAdmin
from jobs.admin_base.verb_pages import VerbPages
from jobs.admin_base.verbs import VERBS, PlainForm, ReasonForm, Verb
from jobs.admin_base.wording import format_duration, format_moment

__all__ = [
    "ORGANIZATION_FILTER",
    "VERBS",
    "AutocompleteFilter",
    "BigTableAdmin",
    "BigTableChecks",
    "BoundedPaginator",
    "ConstantFilter",
    "JobAdmin",
    "JobChecks",
    "KindFilter",
    "PlainForm",
    "PresetRangeFilter",
    "ReasonForm",
    "StateFilter",
    "Verb",
    "VerbPages",
    "ask_first",
    "count_rows",
    "format_duration",
    "format_moment",
    "preset_range",
]
