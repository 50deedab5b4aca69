"""The dry run of an import: every row read as the drain would, and what that would do to stock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.conf import settings

from inventory import statements
from inventory.models import DeviceStatus, QueueImport, RowVerdict
from inventory.rules.chain import RETURNED
from inventory.rules.fields import RawItem
from inventory.rules.intake_columns import Columns
from inventory.rules.intake_header import column_name
from inventory.rules.merge import PLACE
from inventory.rules.refusals import ItemRefused, Note
from inventory.rules.storable import NotStorable, as_stored
from inventory.services.claims import ClaimedItem
from inventory.services.import_files import FileRow
from inventory.services.judging import Judged, judge_items, read_rule_book
from inventory.services.places import foresee_places
from inventory.services.writing import places_of, second_imeis
from jobs.logs import get_correlation_id


@dataclass(frozen=True)
class JudgedRow:
    """`data` is JSON: the phone of a good row as it would be queued, else what the row is."""

    line_no: int
    verdict: RowVerdict
    data: str
    imei: str | None = None
    refusal: ItemRefused | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class _Read:
    row: FileRow
    phone: dict[str, Any]
    # Of the phone; None when it cannot be kept.
    text: str | None = None
    refusal: ItemRefused | None = None
    notes: tuple[Note, ...] = ()


def judge_rows(
    queue_import: QueueImport, rows: Sequence[FileRow], *, seen: set[str]
) -> list[JudgedRow]:
    """Read rows of the file with the rules of the drain; nothing is written.

    `seen` are the IMEIs of earlier good rows, to which those of these rows are added.
    """
    reader = _Reader(queue_import)
    read = [reader.read(row) for row in rows]
    judged = _judge(queue_import, read)
    stock = _read_stock(queue_import.organization_id, judged.values())
    return [_row_of(one, judged.get(one.row.line_no), stock, seen) for one in read]


def _row_of(one: _Read, judged: Judged | None, stock: "_Stock", seen: set[str]) -> JudgedRow:
    if judged is None or judged.incoming is None:
        text = f"Unexpected error (ref {get_correlation_id()})"
        refusal = one.refusal or (judged and judged.refusal)
        return JudgedRow(
            one.row.line_no,
            RowVerdict.INVALID,
            _as_it_is(one.row),
            refusal=refusal or ItemRefused("internal_error", text),
            notes=one.notes,
        )
    imei = judged.incoming.imei
    notes = (*one.notes, *judged.notes, *stock.notes.get(imei, ()))
    verdict = RowVerdict.UPDATE if imei in stock.imeis else RowVerdict.NEW
    if imei in seen:
        verdict = RowVerdict.DUPLICATE
    seen.add(imei)
    data = f'{{"phone": {one.text}}}'
    return JudgedRow(one.row.line_no, verdict, data, imei, notes=notes)


def _as_it_is(row: FileRow) -> str:
    """For the error file: the cells or the record, if these can be kept."""
    data = {"record": row.record} if row.record is not None else {"cells": row.cells or []}
    try:
        return as_stored(data, max_kilobytes=settings.QUEUE_MAX_ITEM_KB)
    except NotStorable:
        return "{}"


class _Reader:
    """Makes phones of staged rows: by the mapping of the columns, with the place that was chosen."""

    def __init__(self, queue_import: QueueImport) -> None:
        self._names = [column["name"] for column in queue_import.cursor["columns"]]
        self._columns = Columns(self._names, queue_import.mapping)
        self._location = queue_import.options.get("location")

    def read(self, row: FileRow) -> _Read:
        if row.problem is not None:
            return _unreadable(row, row.problem)
        phone = self._phone_of(row)
        try:
            text = as_stored(phone, max_kilobytes=settings.QUEUE_MAX_ITEM_KB)
        except NotStorable as reason:
            return _unreadable(row, str(reason))
        return _Read(row, phone, text, notes=tuple(self._notes_of(row)))

    def _phone_of(self, row: FileRow) -> dict[str, Any]:
        if row.record is not None:
            phone = self._columns.phone_of_record(row.record)
        else:
            phone = self._columns.phone_of_row(row.cells or []) or {}
        if self._location is not None:
            _put(phone, self._location)
        return phone

    def _notes_of(self, row: FileRow) -> list[Note]:
        """For cells of a workbook whose formula failed."""
        failed = [index for index, cell in enumerate(row.cells or ()) if cell is None]
        names = [self._names[n] if n < len(self._names) else column_name(n) for n in failed]
        return [Note("cell_error", f"{name} has an error and was read as blank") for name in names]


def _unreadable(row: FileRow, reason: str) -> _Read:
    refusal = ItemRefused("not_storable", f"The row cannot be stored: {reason}")
    return _Read(row, {}, refusal=refusal)


def _put(phone: dict[str, Any], location: str) -> None:
    """Only where the row itself names no place; one that was assumed before is none."""
    raw = RawItem(phone)
    if raw.find("location").is_known:
        return
    if PLACE in raw.assumed:
        key = raw.find("assumed").key or "assumed"
        phone[key] = ", ".join(sorted(raw.assumed - {PLACE}))
    phone["location"] = location


def _judge(queue_import: QueueImport, read: Sequence[_Read]) -> dict[int, Judged]:
    """By line, what could be read of the rows that can be kept; a place may refuse them yet."""
    options, organization_id = queue_import.options, queue_import.organization_id
    items = tuple(
        ClaimedItem(
            id=one.row.line_no,
            data=one.phone,
            retry_count=0,
            max_retries=0,
            source=options["source"],
            batch_id=None,
            validation=options.get("validation"),
            wait_ms=0,
        )
        for one in read
        if one.text is not None
    )
    book = read_rule_book(organization_id)
    judged = judge_items(items, organization_id=organization_id, book=book)
    return {one.item.id: one for one in _look_at_places(organization_id, judged)}


def _look_at_places(organization_id: UUID, judged: Sequence[Judged]) -> list[Judged]:
    wanted = {
        one.item.id: said or default
        for one in judged
        if one.incoming is not None
        for said, default in [places_of(one)]
    }
    places = foresee_places(organization_id=organization_id, wanted=set(wanted.values()))
    result = []
    for one in judged:
        try:
            if one.item.id in wanted:
                places.id_of(wanted[one.item.id])
            result.append(one)
        except ItemRefused as refusal:
            result.append(replace(one, incoming=None, refusal=refusal))
    return result


@dataclass(frozen=True)
class _Stock:
    """The IMEIs that are in stock, and what the drain would say because of devices there."""

    imeis: frozenset[str]
    notes: Mapping[str, tuple[Note, ...]]


def _read_stock(organization_id: UUID, judged: Iterable[Judged]) -> _Stock:
    imeis = {one.incoming.imei for one in judged if one.incoming is not None}
    notes = second_imeis(imeis, organization_id)
    wanted = {"organization": organization_id, "imeis": sorted(imeis)}
    statuses = dict(statements.fetch_all("import_stock", wanted))
    for imei, status in statuses.items():
        if status == DeviceStatus.REMOVED:
            notes[imei] = (RETURNED, *notes.get(imei, ()))
    return _Stock(frozenset(statuses), notes)
