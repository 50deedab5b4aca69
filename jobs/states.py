"""The words of a job model for the kernel's five states."""

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from enum import StrEnum


class State(StrEnum):
    WAITING = "waiting"
    ACTIVE = "active"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class States:
    """How one model spells each state; a status outside of these words is none of ours."""

    waiting: str
    active: str
    done: str
    failed: str
    cancelled: str

    def __iter__(self) -> Iterator[str]:
        return iter(astuple(self))

    def state_of(self, status: str) -> State | None:
        return next((state for state in State if getattr(self, state.value) == status), None)

    def word_for(self, state: State) -> str:
        return str(getattr(self, state.value))
