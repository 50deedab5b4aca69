"""What the items of one IMEI make of its device, in the order of their ids: one write at the end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inventory.rules.incoming import Incoming
from inventory.rules.merge import PLACE, DeviceState, Merged, merge_device
from inventory.rules.refusals import Note
from inventory.rules.sku import Rule
from inventory.rules.working import Working

INTAKE, MOVE, RETURN = "intake", "move", "return"
RETURNED = Note("device_returned", "The device had been removed and is in stock again")


@dataclass(frozen=True)
class Step:
    """An item and the places that it means: where it says, and where a new device goes."""

    queue_item_id: int
    batch_id: str | None
    incoming: Incoming
    location_id: int | None
    default_location_id: int
    # The place by its name alone: a device that is at such a place, in any warehouse, stays there.
    location_key: str | None = None


@dataclass(frozen=True)
class Stored:
    state: DeviceState
    location_id: int
    # Of the place's name; None when it does not matter.
    location_key: str | None = None


@dataclass(frozen=True)
class Moved:
    from_location_id: int | None
    to_location_id: int
    reason: str


@dataclass(frozen=True)
class Result:
    """What one item did. `before` is the device as the item found it, None for a new one."""

    queue_item_id: int
    batch_id: str | None
    message: str
    notes: tuple[Note, ...]
    moved: Moved | None
    before: Stored | None
    state: DeviceState
    incoming: Incoming

    @property
    def working(self) -> Working:
        return self.incoming.working

    @property
    def tester_name(self) -> str | None:
        name: str | None = self.incoming.known.get("tester_name")
        return name


@dataclass(frozen=True)
class Chain:
    state: DeviceState
    location_id: int
    results: tuple[Result, ...]


def run_chain(stored: Stored | None, steps: Sequence[Step], *, rules: Iterable[Rule]) -> Chain:
    """Merge items of one IMEI one after the other. `steps` is not empty."""
    now, results = stored, []
    for step in steps:
        now, result = _run_step(now, step, tuple(rules))
        results.append(result)
    if now is None:
        raise ValueError("A chain needs an item")
    return Chain(now.state, now.location_id, tuple(results))


def _run_step(before: Stored | None, step: Step, rules: tuple[Rule, ...]) -> tuple[Stored, Result]:
    merged = merge_device(
        before.state if before else None,
        step.incoming,
        queue_item_id=step.queue_item_id,
        batch_id=step.batch_id,
        rules=rules,
    )
    state, location_id, moved = _place(before, merged, step)
    notes = (RETURNED,) if merged.is_returned else ()
    result = Result(
        queue_item_id=step.queue_item_id,
        batch_id=step.batch_id,
        message=merged.message,
        notes=notes,
        moved=moved,
        before=before,
        state=state,
        incoming=step.incoming,
    )
    key = before.location_key if before and before.location_id == location_id else step.location_key
    return Stored(state, location_id, key), result


def _place(
    before: Stored | None, merged: Merged, step: Step
) -> tuple[DeviceState, int, Moved | None]:
    assumed = set(merged.state.assumed)
    if before is None:
        target = step.location_id or step.default_location_id
        if step.location_id is None:
            assumed.add(PLACE)
        state = merged.state.with_assumed(assumed)
        return state, target, Moved(None, target, INTAKE)
    if not merged.may_move:
        return merged.state, before.location_id, None
    is_there = step.location_key is not None and step.location_key == before.location_key
    target = before.location_id if is_there else step.location_id or before.location_id
    if step.location_id is not None:
        assumed.discard(PLACE)
    state = merged.state.with_assumed(assumed)
    if merged.is_returned:
        return state, target, Moved(before.location_id, target, RETURN)
    if target != before.location_id:
        return state, target, Moved(before.location_id, target, MOVE)
    return state, target, None
