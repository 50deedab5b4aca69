"""What a person is told of a scan at the intake page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from inventory.rules.imei import check_digit, read_imei
from inventory.rules.refusals import ItemRefused

EXPECTED = "an IMEI: 15 digits"


def expected_digit(text: str) -> str | None:
    """The check digit that belongs to an IMEI with another one; None for everything else."""
    try:
        reading = read_imei(text)
    except ItemRefused:
        return None
    return None if reading.luhn_valid else check_digit(reading.imei[:-1])


class ScanOutcome(StrEnum):
    NEW = "new"
    UPDATED = "updated"
    MOVED = "moved"
    ALREADY = "already"
    REFUSED = "refused"
    # Stored, and not worked off yet.
    WAITING = "waiting"


@dataclass(frozen=True)
class Spot:
    """A place by the names of it and of its warehouse."""

    name: str
    warehouse: str

    def beside(self, other: "Spot") -> str:
        """Its name, with the warehouse where that is another one."""
        return self.name if self.warehouse == other.warehouse else f"{self.name}, {self.warehouse}"


@dataclass(frozen=True)
class IntakeScan:
    """A scan and what it did."""

    batch_id: str
    at: datetime
    status: str
    error: str
    # As it was posted.
    data: Mapping[str, Any]
    imei: str | None
    notes: tuple[str, ...] = ()
    is_new: bool = False
    is_undone: bool = False
    origin: Spot | None = None
    target: Spot | None = None
    # When the phone was scanned at this place before, within a day.
    earlier_at: datetime | None = None
    # What the phone is called, where that is known.
    device_name: str | None = None

    @property
    def text(self) -> str:
        return str(self.data.get("imei", ""))

    @property
    def place(self) -> Spot:
        return Spot(str(self.data.get("location", "")), str(self.data.get("warehouse", "")))

    @property
    def outcome(self) -> ScanOutcome:
        if self.status == "failed":
            return ScanOutcome.REFUSED
        if self.status != "completed":
            return ScanOutcome.WAITING
        if self.is_new:
            return ScanOutcome.NEW
        if self.origin is not None and self.origin != self.target:
            return ScanOutcome.MOVED
        return ScanOutcome.UPDATED if self.earlier_at is None else ScanOutcome.ALREADY

    @property
    def title(self) -> str:
        match self.outcome:
            case ScanOutcome.MOVED if self.origin and self.target:
                origin, target = self.origin.beside(self.target), self.target.beside(self.origin)
                return f"MOVED {origin} → {target}"
            case ScanOutcome.ALREADY if self.earlier_at:
                return f"ALREADY SCANNED at {self.earlier_at:%H:%M}"
            case ScanOutcome.REFUSED:
                return f"REFUSED {self.error}"
        return self.outcome.upper()

    @property
    def expected(self) -> str:
        match self.outcome:
            case ScanOutcome.REFUSED:
                digit = expected_digit(self.text)
                return EXPECTED if digit is None else f"check digit {digit}"
            case ScanOutcome.MOVED if self.origin:
                return f"at {self.origin.name}"
        return ""
