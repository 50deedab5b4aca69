"""The dry run of an import: every row read as the drain would, and what that would do to stock."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.conf import settings

from inventory.models import Device, DeviceStatus, QueueImport
from inventory.rules.chain import RETURNED
from inventory.rules.fields import RawItem
from inventory.rules.intake_columns import Columns
from inventory.rules.intake_header import column_name
from inventory.rules.merge import PLACE
from inventory.rules.refusals import ItemRefused, Note
from inventory.rules.storable import NotStorable, as_stored
from inventory.services.claims import ClaimedItem
from inventory.services.judging import Judged, judge_items, read_rule_book
from inventory.services.places import foresee_places
from inventory.services.writing import places_of, second_imeis
from jobs.logs import get_correlation_id


@dataclass(frozen=True)
class JudgedRow:
    """`text` is the phone as it would be queued; without `refusal` there is an `imei`."""

    line_no: int
    text: str | None
    imei: str | None = None
    refusal: ItemRefused | None = None
    notes: tuple[Note, ...] = ()

    def as_json(self) -> str:
        facts: dict[str, Any] = {"line_no": self.line_no, "imei": self.imei}
        if self.refusal is not None:
            facts |= {"code": self.refusal.code, "message": self.refusal.message}
        facts["warnings"] = [note.as_json() for note in self.notes]
        # The phone is JSON already.
        return f'{json.dumps(facts)[:-1]}, "phone": {self.text or "null"}}}'


@dataclass(frozen=True)
class _Read:
    line_no: int
    phone: dict[str, Any]
    text: str | None = None
    refusal: ItemRefused | None = None
    notes: tuple[Note, ...] = ()


def judge_rows(queue_import: QueueImport, rows: Sequence[tuple[int, Any]]) -> list[JudgedRow]:
    """Read staged rows, (line, data) each, with the rules of the drain; nothing is written."""
    reader = _Reader(queue_import)
    read = [reader.read(line_no, data) for line_no, data in rows]
    judged = _judge(queue_import, read)
    stock = _notes_of_stock(queue_import.organization_id, judged.values())
    return [_row_of(one, judged.get(one.line_no), stock) for one in read]


def _row_of(one: _Read, judged: Judged | None, stock: Mapping[str, Sequence[Note]]) -> JudgedRow:
    if judged is None:
        return JudgedRow(one.line_no, None, refusal=one.refusal)
    if judged.incoming is None:
        text = f"Unexpected error (ref {get_correlation_id()})"
        refusal = judged.refusal or ItemRefused("internal_error", text)
        return JudgedRow(one.line_no, one.text, refusal=refusal, notes=one.notes)
    imei = judged.incoming.imei
    notes = (*one.notes, *judged.notes, *stock.get(imei, ()))
    return JudgedRow(one.line_no, one.text, imei, notes=notes)


class _Reader:
    """Makes phones of staged rows: by the mapping of the columns, with the place that was chosen."""

    def __init__(self, queue_import: QueueImport) -> None:
        self._names = [column["name"] for column in queue_import.cursor["columns"]]
        self._columns = Columns(self._names, queue_import.mapping)
        self._location = queue_import.options.get("location")

    def read(self, line_no: int, data: Mapping[str, Any]) -> _Read:
        if "problem" in data:
            return _unreadable(line_no, data["problem"])
        phone = self._phone_of(data)
        try:
            text = as_stored(phone, max_kilobytes=settings.QUEUE_MAX_ITEM_KB)
        except NotStorable as reason:
            return _unreadable(line_no, str(reason))
        return _Read(line_no, phone, text, notes=tuple(self._notes_of(data)))

    def _phone_of(self, data: Mapping[str, Any]) -> dict[str, Any]:
        if "cells" in data:
            phone = self._columns.phone_of_row(data["cells"]) or {}
        else:
            phone = self._columns.phone_of_record(data["record"])
        if self._location is not None:
            _put(phone, self._location)
        return phone

    def _notes_of(self, data: Mapping[str, Any]) -> list[Note]:
        """For cells of a workbook whose formula failed."""
        cells: list[Any] = data.get("cells", [])
        failed = [index for index, cell in enumerate(cells) if cell is None]
        names = [self._names[n] if n < len(self._names) else column_name(n) for n in failed]
        return [Note("cell_error", f"{name} has an error and was read as blank") for name in names]


def _unreadable(line_no: int, reason: str) -> _Read:
    refusal = ItemRefused("not_storable", f"The row cannot be stored: {reason}")
    return _Read(line_no, {}, refusal=refusal)


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
            id=one.line_no,
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


def _notes_of_stock(organization_id: UUID, judged: Any) -> dict[str, tuple[Note, ...]]:
    """By IMEI, what the drain would say because of devices that are there."""
    imeis = {one.incoming.imei for one in judged if one.incoming is not None}
    notes = second_imeis(imeis, organization_id)
    removed = Device.objects.filter(
        organization_id=organization_id, status=DeviceStatus.REMOVED, imei__in=imeis
    )
    for imei in removed.values_list("imei", flat=True):
        notes[imei] = (RETURNED, *notes.get(imei, ()))
    return notes
