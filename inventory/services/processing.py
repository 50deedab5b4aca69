"""A claimed slice, worked off: all together, and one by one only when that fails."""

import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from django.db import Error, InterfaceError, OperationalError, connection, transaction

from inventory.models import ItemStatus, QueueSlice
from inventory.rules.refusals import LONGEST_ERROR
from inventory.services.claims import Claim, ClaimKind, claim
from inventory.services.judging import Judged, RuleBook, judge_items, read_rule_book
from inventory.services.outcomes import Outcome, failed_for_now, settle
from inventory.services.writing import lock_claimed, write_slice
from jobs.logs import get_correlation_id

# Deadlock, serialization failure, lock timeout: the same slice may go through at once.
_BUSY = frozenset({"40P01", "40001", "55P03"})
MIXED = "mixed"

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class SliceCount:
    claimed: int = 0
    completed: int = 0
    failed: int = 0
    retried: int = 0

    def __add__(self, other: "SliceCount") -> "SliceCount":
        return SliceCount(
            self.claimed + other.claimed,
            self.completed + other.completed,
            self.failed + other.failed,
            self.retried + other.retried,
        )


def process_slice(
    *,
    organization_id: UUID,
    kind: ClaimKind,
    limit: int,
    worker: str,
    item_id: int | None = None,
) -> tuple[SliceCount, list[Outcome]]:
    """Claim and work off one slice. Without due items nothing is counted.

    A lost connection is raised: nothing of the slice is written then, and its lease decides.
    """
    started = time.monotonic()
    claimed = claim(
        organization_id=organization_id, kind=kind, limit=limit, worker=worker, item_id=item_id
    )
    if not claimed.items:
        return SliceCount(), []
    book = read_rule_book(organization_id)
    judged = judge_items(claimed.items, organization_id=organization_id, book=book)
    outcomes = _write(claimed, judged, book)
    count = _count(len(claimed.items), outcomes)
    _note_slice(claimed, count, seconds=time.monotonic() - started)
    return count, outcomes


def _write(claimed: Claim, judged: Sequence[Judged], book: RuleBook) -> list[Outcome]:
    try:
        return write_slice(claimed, judged, book)
    except Exception as error:
        _raise_if_lost(error)
        logger.warning("slice failed", items=len(judged), exc_info=True)
        is_busy = sqlstate_of(error) in _BUSY
    if is_busy:
        time.sleep(random.uniform(0.05, 0.2))  # noqa: S311 (spreads retries, guards nothing)
        try:
            return write_slice(claimed, judged, book)
        except Exception as error:
            _raise_if_lost(error)
            logger.warning("slice failed again", items=len(judged), exc_info=True)
    return _write_one_by_one(claimed, judged, book)


@transaction.atomic
def _write_one_by_one(claimed: Claim, judged: Sequence[Judged], book: RuleBook) -> list[Outcome]:
    """Each item in a savepoint of its own: the failing one is retried, the others complete."""
    mine = lock_claimed(claimed, judged)
    outcomes: list[Outcome] = []
    for one in judged:
        if one.item.id not in mine:
            continue
        try:
            outcomes += write_slice(claimed, [one], book)
        except Exception as error:
            _raise_if_lost(error)
            logger.warning("item failed", item=one.item.id, exc_info=True)
            code, text = explain(error)
            failed = failed_for_now(one.item, code=code, error=text)
            settle([failed], organization_id=claimed.organization_id)
            outcomes.append(failed)
    return outcomes


def _raise_if_lost(error: Exception) -> None:
    is_lost = isinstance(error, InterfaceError | OperationalError) and (
        connection.connection is None or connection.connection.closed
    )
    if is_lost:
        raise error


def sqlstate_of(error: BaseException) -> str | None:
    state: str | None = getattr(error.__cause__, "sqlstate", None)
    return state


def explain(error: Exception) -> tuple[str, str]:
    """(code, text) for a person: the database's first line without statement and values."""
    if sqlstate_of(error) in _BUSY:
        return "database_busy", "The database was busy"
    if isinstance(error, Error):
        diagnosis = getattr(error.__cause__, "diag", None)
        text = getattr(diagnosis, "message_primary", None) or "The database refused the item"
        return "database_error", text[:LONGEST_ERROR]
    return "internal_error", f"Unexpected error (ref {get_correlation_id()})"


def _count(claimed: int, outcomes: Iterable[Outcome]) -> SliceCount:
    statuses = [one.status for one in outcomes]
    return SliceCount(
        claimed,
        completed=statuses.count(ItemStatus.COMPLETED),
        failed=statuses.count(ItemStatus.FAILED),
        retried=statuses.count(ItemStatus.PENDING),
    )


def _note_slice(claimed: Claim, count: SliceCount, *, seconds: float) -> None:
    waits = [item.wait_ms for item in claimed.items]
    sources = {item.source or "" for item in claimed.items}
    QueueSlice.objects.create(
        organization_id=claimed.organization_id,
        source=sources.pop() if len(sources) == 1 else MIXED,
        claimed=count.claimed,
        completed=count.completed,
        failed=count.failed,
        retried=count.retried,
        wait_ms_sum=sum(waits),
        wait_ms_max=max(waits),
        run_ms=int(seconds * 1000),
    )
