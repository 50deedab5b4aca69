"""Works a label sheet off: pages drawn and read back, their file, the printer, the statuses.

Each step reads from the sheet's row where it stands. What is drawn outside of a transaction is
committed page by page group, so that a crash costs the pages in hand and nothing else.
"""

import tempfile
from collections.abc import Iterator
from functools import partial
from typing import IO, Any

import pypdfium2
from django.core.files import File
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from jobs.context import SliceContext
from jobs.registry import Continue, Done, Outcome
from jobs.states import State
from qrtracking.errors.labels import LabelVerificationFailed
from qrtracking.models import (
    CaseStatus,
    LabelKind,
    LabelLayout,
    LabelPage,
    LabelSheet,
    MasterCode,
    UnitCode,
    UnitStatus,
)
from qrtracking.rules.labels import Label
from qrtracking.rules.layouts import LAYOUTS, labels_per_page
from qrtracking.rules.zpl import render_zpl
from qrtracking.selectors.labels import list_labels
from qrtracking.services.label_checking import is_readable
from qrtracking.services.label_drawing import draw_page
from qrtracking.services.label_printing import send_to_printer

PAGES_A_SLICE = 10
PAGES_READ_AT_ONCE = 100
TRIES = 2
DRAWN_PERCENT = 95
# Packing passes over rows that are locked: no more of them at a time.
MARKED_AT_ONCE = 1_000
DEFAULT_DOTS_PER_INCH = 203


def run_step(sheet: LabelSheet, ctx: SliceContext) -> Outcome:
    if sheet.verified_count < sheet.page_count:
        _draw_next(sheet, ctx)
    elif not sheet.file:
        _assemble(sheet, ctx)
    elif sheet.printer_id is not None and sheet.printed_at is None:
        send_to_printer(sheet, ctx)
    else:
        _mark_printed(sheet, ctx)
        return _done(sheet)
    return Continue()


def _done(sheet: LabelSheet) -> Done:
    summary = {"labels": sheet.label_count, "pages": sheet.page_count, "bytes": sheet.file_size}
    return Done(summary=summary, message=f"Job completed: {sheet.label_count} labels")


def _draw_next(sheet: LabelSheet, ctx: SliceContext) -> None:
    first = sheet.verified_count + 1
    last = min(sheet.verified_count + ctx.slice_size, sheet.page_count)
    pages = [
        LabelPage(
            sheet_id=sheet.pk,
            organization_id=sheet.organization_id,
            page_number=number,
            content=content,
        )
        for number, content in enumerate(_make_pages(sheet, first, last), first)
    ]
    ctx.log(f"Drew and checked {last} of {sheet.page_count} pages")
    ctx.commit(
        lambda _: LabelPage.objects.bulk_create(pages),
        progress=DRAWN_PERCENT * last // sheet.page_count,
        changes={"verified_count": last},
    )


def _make_pages(sheet: LabelSheet, first: int, last: int) -> Iterator[bytes]:
    """Pages number first to last; their labels are read at once."""
    size = labels_per_page(sheet.layout)
    labels = list_labels(sheet=sheet, skip=(first - 1) * size, limit=(last - first + 1) * size)
    for number in range(first, last + 1):
        start = (number - first) * size
        yield _make_page(sheet, number, labels[start : start + size])


def _make_page(sheet: LabelSheet, number: int, labels: list[Label]) -> bytes:
    if sheet.layout == LabelLayout.ZPL:
        dots = sheet.printer.dots_per_inch if sheet.printer else DEFAULT_DOTS_PER_INCH
        return render_zpl(labels, dots_per_inch=dots).encode()
    layout = LAYOUTS[sheet.layout]
    for _ in range(TRIES):
        page = draw_page(labels, layout)
        if is_readable(page, labels, layout):
            return page
    raise LabelVerificationFailed(number)


def _assemble(sheet: LabelSheet, ctx: SliceContext) -> None:
    """One file of all pages. A try that dies before its commit leaves a file that is replaced."""
    name, storage = _file_name(sheet), sheet.file.storage
    with tempfile.TemporaryFile() as whole:
        _join(sheet, whole)
        size = whole.tell()
        whole.seek(0)
        storage.delete(name)
        name = storage.save(name, File(whole))
    ctx.commit(
        lambda job: LabelPage.objects.filter(sheet_id=job.pk).delete(),
        changes={"file": name, "file_size": size},
    )


def _file_name(sheet: LabelSheet) -> str:
    suffix = "zpl" if sheet.layout == LabelLayout.ZPL else "pdf"
    return f"{sheet.file.field.upload_to}{sheet.pk}.{suffix}"


def _join(sheet: LabelSheet, target: IO[bytes]) -> None:
    if sheet.layout == LabelLayout.ZPL:
        target.writelines(_read_pages(sheet))
        return
    document = pypdfium2.PdfDocument.new()
    try:
        for content in _read_pages(sheet):
            part = pypdfium2.PdfDocument(content)
            document.import_pages(part)
            part.close()
        document.save(target)
    finally:
        document.close()


def _read_pages(sheet: LabelSheet) -> Iterator[bytes]:
    """All pages in order, a part of them in memory."""
    pages = LabelPage.objects.filter(sheet_id=sheet.pk).order_by("page_number")
    for first in range(1, sheet.page_count + 1, PAGES_READ_AT_ONCE):
        part = pages.filter(page_number__range=(first, first + PAGES_READ_AT_ONCE - 1))
        yield from map(bytes, part.values_list("content", flat=True))


def _mark_printed(sheet: LabelSheet, ctx: SliceContext) -> None:
    """What has been generated only is printed now; spares keep their own word."""
    if sheet.kind == LabelKind.SPARE:
        return
    for first in range(sheet.from_number, sheet.to_number + 1, MARKED_AT_ONCE):
        last = min(first + MARKED_AT_ONCE - 1, sheet.to_number)
        ctx.commit(partial(_mark_range, first=first, last=last))


def _mark_range(sheet: LabelSheet, *, first: int, last: int) -> None:
    numbers = (first, last)
    if sheet.kind == LabelKind.CASE:
        cases = MasterCode.objects.filter(batch_id=sheet.batch_id, case_number__range=numbers)
        _mark(cases.filter(status=CaseStatus.GENERATED), CaseStatus.PRINTED)
    else:
        units = UnitCode.objects.filter(batch_id=sheet.batch_id, sequence_number__range=numbers)
        _mark(units.filter(status=UnitStatus.GENERATED), UnitStatus.PRINTED)


def _mark(rows: QuerySet[Any], status: str) -> None:
    # What somebody packs at this moment is on its way to another status.
    free = rows.select_for_update(skip_locked=True, no_key=True).order_by("pk")
    keys = list(free.values_list("pk", flat=True))
    rows.model._default_manager.filter(pk__in=keys).update(status=status, updated_at=Now())


def end_label_sheet(sheet: LabelSheet) -> None:
    """A cancelled sheet leaves nothing; a failed one keeps its pages for the next try."""
    if sheet.state is not State.CANCELLED:
        return
    LabelPage.objects.filter(sheet_id=sheet.pk).delete()
    # Also one whose row does not know it: the cancel came between the file and its commit.
    name = str(sheet.file.name or _file_name(sheet))
    transaction.on_commit(partial(sheet.file.storage.delete, name))
    LabelSheet.objects.filter(pk=sheet.pk).update(file="", file_size=None)
