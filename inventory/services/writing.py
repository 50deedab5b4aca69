"""Writing a slice: one transaction, one sequence of locks, a handful of statements."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from inventory import statements
from inventory.models import QueueBatch
from inventory.rules.chain import Chain, Result, Step, run_chain
from inventory.rules.refusals import ItemRefused, Note
from inventory.rules.working import result_of
from inventory.services.claims import Claim
from inventory.services.devices import (
    as_json,
    image_of,
    insert_devices,
    read_devices,
    write_devices,
)
from inventory.services.judging import Judged, RuleBook
from inventory.services.outcomes import Outcome, completed, crashed, refused, settle
from inventory.services.places import DEFAULT_LOCATION, Place, Places, find_places


@transaction.atomic
def write_slice(claim: Claim, judged: Sequence[Judged], book: RuleBook) -> list[Outcome]:
    """Write what the items say, and how they ended. Items that others took over are left out.

    The sequence is that of all writers: items by id, places by name, devices by IMEI, batches by
    their ids.
    """
    mine = lock_claimed(claim, judged)
    judged = [one for one in judged if one.item.id in mine]
    places = find_places(organization_id=claim.organization_id, wanted=_list_places(judged))
    refusals, steps = _place_all(judged, places)
    chains = _write_devices(steps, book, claim.organization_id)
    outcomes = [refused(one.item, error) for one, error in refusals]
    outcomes += [crashed(one.item) for one in judged if one.crash is not None]
    outcomes += _outcomes_of(judged, chains, claim.organization_id)
    settle(outcomes, organization_id=claim.organization_id)
    return outcomes


def lock_claimed(claim: Claim, judged: Sequence[Judged]) -> set[int]:
    ids = [one.item.id for one in judged]
    return {
        pk for (pk,) in statements.fetch_all("lock_claimed", {"ids": ids, "token": claim.token})
    }


def _list_places(judged: Iterable[Judged]) -> list[Place]:
    """Of the items that are to be written; a default place only where no other is named."""
    places = [places_of(one) for one in judged if one.incoming is not None]
    return list(dict.fromkeys(said or default for said, default in places))


def places_of(one: Judged) -> tuple[Place | None, Place]:
    """Where the item says that the device is, and where a new device goes that says nothing."""
    said = one.incoming
    warehouse = said.warehouse if said else None
    default = Place(warehouse, one.default_location or DEFAULT_LOCATION)
    if said is None or said.location is None:
        return None, default
    return Place(warehouse, said.location), default


def _place_all(
    judged: Sequence[Judged], places: Places
) -> tuple[list[tuple[Judged, ItemRefused]], dict[str, list[Step]]]:
    """The items to refuse, and the others by IMEI, each in the order of their ids."""
    refusals: list[tuple[Judged, ItemRefused]] = []
    steps: dict[str, list[Step]] = {}
    for one in judged:
        if one.crash is not None:
            continue
        if one.incoming is None:
            refusals.append((one, one.refusal or ItemRefused("internal_error", "")))
            continue
        said, default = places_of(one)
        try:
            step = Step(
                one.item.id,
                one.item.batch_id,
                one.incoming,
                places.id_of(said) if said else None,
                places.id_of(said or default),
                said.key[1] if said and said.warehouse is None else None,
            )
        except ItemRefused as refusal:
            refusals.append((one, refusal))
            continue
        steps.setdefault(one.incoming.imei, []).append(step)
    return refusals, steps


def _write_devices(
    steps: dict[str, list[Step]], book: RuleBook, organization_id: UUID
) -> dict[int, Chain]:
    """Chains by the id of their device, as they were written."""
    if not steps:
        return {}
    # Missing devices first, then the others under lock: reading first would lose a twin.
    chains = {imei: run_chain(None, some, rules=book.sku_rules) for imei, some in steps.items()}
    new = insert_devices(chains.values(), organization_id=organization_id)
    known = read_devices(steps.keys() - new.keys(), organization_id=organization_id)
    written = {pk: chains[imei] for imei, pk in new.items()}
    for imei, (pk, stored) in known.items():
        written[pk] = run_chain(stored, steps[imei], rules=book.sku_rules)
    write_devices(written, new=new.values(), organization_id=organization_id)
    _write_traces(written, organization_id)
    return written


def _write_traces(chains: dict[int, Chain], organization_id: UUID) -> None:
    undoable = _undoable_batches(chains.values(), organization_id)
    tests, movements, images = [], [], []
    for pk, chain in chains.items():
        for result in chain.results:
            tests.append(_test_row(pk, result))
            if result.moved is not None:
                movements.append({"item_id": pk, **_movement_row(result)})
            if result.batch_id in undoable:
                images.append(_image_row(result))
    statements.execute(
        "write_traces",
        {
            "organization": organization_id,
            "tests": as_json(tests),
            "movements": as_json(movements),
            "images": as_json(images),
        },
    )


def _undoable_batches(chains: Iterable[Chain], organization_id: UUID) -> set[str | None]:
    named = {result.batch_id for chain in chains for result in chain.results} - {None}
    batches = QueueBatch.objects.filter(
        organization_id=organization_id, batch_id__in=named, undoable=True
    )
    return set(batches.values_list("batch_id", flat=True)) if named else set()


def _test_row(pk: int, result: Result) -> dict[str, Any]:
    return {
        "item_id": pk,
        "imei": result.state.imei,
        "queue_item_id": result.queue_item_id,
        "test_result": result_of(result.working.status),
        "working": result.working.status,
        "defects": result.working.defects,
        "tester_name": result.tester_name,
    }


def _movement_row(result: Result) -> dict[str, Any]:
    moved = result.moved
    return {
        "imei": result.state.imei,
        "queue_item_id": result.queue_item_id,
        "from_location_id": moved.from_location_id if moved else None,
        "to_location_id": moved.to_location_id if moved else None,
        "reason": moved.reason if moved else None,
    }


def _image_row(result: Result) -> dict[str, Any]:
    return {
        "queue_item_id": result.queue_item_id,
        "batch_id": result.batch_id,
        "imei": result.state.imei,
        "created": result.before is None,
        "before": image_of(result.before) if result.before else None,
    }


def _outcomes_of(
    judged: Sequence[Judged], chains: dict[int, Chain], organization_id: UUID
) -> list[Outcome]:
    results = {
        result.queue_item_id: result for chain in chains.values() for result in chain.results
    }
    second = second_imeis({result.state.imei for result in results.values()}, organization_id)
    outcomes = []
    for one in judged:
        result = results.get(one.item.id)
        if result is None:
            continue
        notes = (*one.notes, *result.notes, *second.get(result.state.imei, ()))
        outcomes.append(completed(one.item, result.message, imei=result.state.imei, notes=notes))
    return outcomes


def second_imeis(imeis: set[str], organization_id: UUID) -> dict[str, tuple[Note, ...]]:
    """Notes for IMEIs that are the second one of another device."""
    if not imeis:
        return {}
    rows = statements.fetch_all(
        "second_imeis", {"organization": organization_id, "imeis": sorted(imeis)}
    )
    return {
        imei2: (Note("imei_is_second_of", f"This is the second IMEI of device {imei}"),)
        for imei2, imei in rows
    }
