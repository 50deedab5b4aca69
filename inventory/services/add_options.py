"""How the items of an add are to be treated: what was asked for, checked, with its defaults."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from inventory.errors import (
    MaxRetriesInvalid,
    PriorityInvalid,
    ScheduledAtInvalid,
    SourceInvalid,
    ValidationInvalid,
)
from inventory.models import QueueSource, Validation
from inventory.models.queue import NORMAL_PRIORITY

DEFAULT_SOURCE = "bulk-add"
LONGEST_SOURCE = 50
FURTHEST = timedelta(days=366)


@dataclass(frozen=True)
class AddOptions:
    """`source` is None when none was asked for; `starts_at` is None for what is due at once."""

    source: str | None
    priority: int
    max_retries: int | None
    validation: str | None
    starts_at: datetime | None
    is_schedule_past: bool

    def retries_for(self, organization_id: UUID, source: str) -> int:
        """Of the request, else of the source, else the setting."""
        if self.max_retries is not None:
            return self.max_retries
        rows = QueueSource.objects.filter(organization_id=organization_id, name=source)
        found = rows.filter(is_active=True).values_list("max_retries", flat=True).first()
        return int(settings.QUEUE_MAX_RETRIES if found is None else found)


def read_options(raw: Mapping[str, Any], *, now: datetime) -> AddOptions:
    """Check the values of a request: source, priority, max_retries, validation, scheduled_at."""
    moment = _moment(raw.get("scheduled_at"), now)
    is_past = moment is not None and moment <= now
    return AddOptions(
        source=_source(raw.get("source")),
        priority=_priority(raw.get("priority")),
        max_retries=_max_retries(raw.get("max_retries")),
        validation=_validation(raw.get("validation")),
        starts_at=None if is_past else moment,
        is_schedule_past=is_past,
    )


def _means_default(value: Any) -> bool:
    return value is None or value is False or value == "" or (_is_number(value) and value == 0)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _source(value: Any) -> str | None:
    if _means_default(value):
        return None
    if not isinstance(value, str) or len(value) > LONGEST_SOURCE or not _is_plain(value):
        raise SourceInvalid
    return value.strip() or None


def _is_plain(text: str) -> bool:
    return not any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text)


def _priority(value: Any) -> int:
    if _means_default(value):
        return NORMAL_PRIORITY
    if not _is_whole(value) or not 1 <= value <= 10:
        raise PriorityInvalid
    return int(value)


def _max_retries(value: Any) -> int | None:
    if value is None:
        return None
    if not _is_whole(value) or not 0 <= value <= 10:
        raise MaxRetriesInvalid
    return int(value)


def _is_whole(value: Any) -> bool:
    return _is_number(value) and value == value // 1


def _validation(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if value not in Validation.values:
        raise ValidationInvalid
    return str(value)


def _moment(value: Any, now: datetime) -> datetime | None:
    if value is None or value == "":
        return None
    moment = value if isinstance(value, datetime) else _parsed(value)
    if moment.tzinfo is None or moment > now + FURTHEST:
        raise ScheduledAtInvalid
    return moment


def _parsed(value: Any) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ScheduledAtInvalid from None
