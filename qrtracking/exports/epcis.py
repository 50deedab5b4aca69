"""Packed cases told to trading partners, as an EPCIS 2.0 document made while it is sent.

A case that is packed now is an ADD with all its units. Whatever took units out of a case before is a
DELETE of its whole contents, since the journal does not keep which units an event moved: so the
events of a case, read in their order, always end with what really lies in it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings

from qrtracking import statements
from qrtracking.exports.pages import PAGE_ROWS, let_go, read_pages
from qrtracking.models import Batch, MasterCode
from qrtracking.rules import epcis, gs1
from qrtracking.rules.links import case_link, unit_link

CONTENT_TYPE = "application/ld+json"
_CASES_A_PAGE = 500


class _Case(NamedTuple):
    number: int
    pk: UUID
    code: str
    sscc: str | None
    is_packed: bool
    packed_at: datetime | None
    emptied_by: list[UUID]
    emptied_at: list[datetime]

    @property
    def address(self) -> str:
        """Reading gives no numbers: a case without one is named by its own label."""
        if self.sscc:
            return gs1.sscc_link(self.sscc)
        return case_link(settings.QR_BASE_URL, self.code)


def stream_document(
    *, batch: Batch, case: MasterCode | None = None, now: datetime, units_a_page: int = PAGE_ROWS
) -> Iterator[bytes]:
    """All events of a batch, or of one of its cases, case by case and in the order of their times."""
    yield epcis.document_head(created_at=now).encode()
    separator = ""
    for events in _pages(batch, case, units_a_page):
        if events:
            yield (separator + ",\n".join(map(epcis.event_text, events))).encode()
            separator = ",\n"
    yield epcis.DOCUMENT_TAIL.encode()


def _pages(batch: Batch, case: MasterCode | None, units_a_page: int) -> Iterator[list[epcis.Event]]:
    parameters = {"batch": batch.pk, "case": case.pk if case else None, "units": units_a_page}
    read_point = f"urn:uuid:{batch.organization_id}"
    for page in read_pages(
        "export_epcis_cases",
        parameters,
        first_key={"after_case": 0},
        key_of=lambda row: {"after_case": row[0]},
        page_rows=_CASES_A_PAGE,
        may_be_short=True,
    ):
        cases = [_Case(*row) for row in page]
        children = _children([one.pk for one in cases if one.is_packed])
        yield [event for one in cases for event in _events(one, children[one.pk], read_point)]


def _events(case: _Case, children: Sequence[str], read_point: str) -> Iterator[epcis.Event]:
    for cause, at in zip(case.emptied_by, case.emptied_at, strict=True):
        yield epcis.unpacking(parent=case.address, at=at, read_point=read_point, cause=cause)
    if children and case.packed_at:
        yield epcis.packing(
            parent=case.address, children=children, at=case.packed_at, read_point=read_point
        )


def _children(case_ids: list[UUID]) -> dict[UUID, list[str]]:
    children: dict[UUID, list[str]] = defaultdict(list)
    rows: list[tuple[Any, ...]] = statements.fetch_all("export_epcis_units", {"cases": case_ids})
    let_go()
    for case_id, code, gtin in rows:
        address = gs1.sgtin_link(gtin=gtin, code=code)
        children[case_id].append(address or unit_link(settings.QR_BASE_URL, code))
    return children
