"""Shipping numbers for cases: from one counter of the organization, each given once."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from qrtracking import errors, statements
from qrtracking.errors.sscc import SsccPrefixMissing, SsccSerialsUsedUp
from qrtracking.models import PACKABLE, Batch, BatchStatus, MasterCode, Order, SsccCounter
from qrtracking.rules.sscc import LENGTH, last_serial, make_sscc
from qrtracking.services.open_batches import enter_batch

# Cases are numbered for shipping, so also when all is packed.
_NUMBERED = (*PACKABLE, BatchStatus.COMPLETED)


@dataclass(frozen=True)
class Assignment:
    """`ssccs` in the order of the cases; a case that has a number keeps it."""

    ssccs: list[str]
    kept_count: int

    @property
    def assigned_count(self) -> int:
        return len(self.ssccs)

    @property
    def first_sscc(self) -> str | None:
        return self.ssccs[0] if self.ssccs else None

    @property
    def last_sscc(self) -> str | None:
        return self.ssccs[-1] if self.ssccs else None


@transaction.atomic
def assign_ssccs(*, actor: User, batch_id: UUID) -> Assignment:
    """Give every case of a batch its number; all or, when the numbers do not suffice, none.

    Raises, in this order, OrganizationRequired, BatchNotFound, BatchNotReady, OrderLocked,
    SsccPrefixMissing and SsccSerialsUsedUp.
    """
    batch = enter_batch(actor=actor, batch_id=batch_id)
    _check_state(batch)
    # By key, as everybody who takes several cases: see case_locks. Numbers follow the case numbers.
    cases = MasterCode.objects.filter(batch=batch)
    locked = cases.filter(sscc=None).order_by("pk").select_for_update(no_key=True)
    nameless = [pk for _, pk in sorted(locked.values_list("case_number", "pk"))]
    ssccs = _take(batch, len(nameless))
    statements.execute("assign_ssccs", {"cases": nameless, "ssccs": ssccs})
    return Assignment(ssccs=ssccs, kept_count=cases.count() - len(nameless))


def _check_state(batch: Batch) -> None:
    if batch.status not in _NUMBERED:
        raise errors.BatchNotReady(batch.status)
    if Order.objects.locked().filter(pk=batch.order_id).exists():
        raise errors.OrderLocked


def _take(batch: Batch, count: int) -> list[str]:
    """The next numbers of the organization; its row is locked until they are committed."""
    counters = SsccCounter.objects.filter(organization_id=batch.organization_id)
    counter = counters.select_for_update().first()
    if counter is None:
        raise SsccPrefixMissing
    first, last = _first_free(counter), last_serial(counter.company_prefix)
    if first + count - 1 > last:
        raise SsccSerialsUsedUp(left=max(last - first + 1, 0), needed=count)
    counters.update(next_serial=first + count, updated_at=Now())
    return [
        make_sscc(
            extension_digit=counter.extension_digit,
            company_prefix=counter.company_prefix,
            serial=serial,
        )
        for serial in range(first, first + count)
    ]


def _first_free(counter: SsccCounter) -> int:
    """Behind all numbers of cases as well: somebody may have set the counter back."""
    start = f"{counter.extension_digit}{counter.company_prefix}"
    given = MasterCode.objects.filter(
        organization_id=counter.organization_id,
        sscc__gte=start.ljust(LENGTH, "0"),
        sscc__lte=start.ljust(LENGTH, "9"),
    )
    highest = given.order_by("-sscc").values_list("sscc", flat=True).first()
    used = int(highest[len(start) : -1]) if highest else -1
    return max(counter.next_serial, used + 1)
