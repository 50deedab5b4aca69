"""Asking for labels, and handing their files out."""

from collections.abc import Iterator
from uuid import UUID

from django.core.files import File
from django.db import transaction
from django.db.models.functions import Now

from accounts.models import Role, User
from jobs.errors import VerbNotAllowed
from jobs.models import moved
from jobs.services import submit_job
from qrtracking.errors import BatchNotFound
from qrtracking.errors import labels as label_errors
from qrtracking.models import (
    PACKABLE,
    Batch,
    BatchStatus,
    LabelKind,
    LabelLayout,
    LabelPrinter,
    LabelSheet,
)
from qrtracking.rules.layouts import MOST_LABELS, count_pages
from qrtracking.selectors.labels import count_codes, list_printers

MOST_COPIES = 11
# A printer that is off is asked again for some minutes, not for seconds.
PRINT_ATTEMPTS = 10
# Labels are printed again also after the production, and when the goods are at the warehouse.
WITH_CODES = (*PACKABLE, BatchStatus.COMPLETED)


def create_label_sheet(
    *,
    actor: User,
    batch_id: UUID,
    kind: str,
    from_number: int,
    to_number: int,
    layout: str = LabelLayout.A4_65,
    copies: int | None = None,
    printer_id: UUID | None = None,
) -> LabelSheet:
    """Insert the job that draws these labels and ring for it.

    Numbers count from 1 within their kind. Without `copies` each case gets one sticker and the
    extra ones of its order. Raises, in this order, BatchNotFound, VerbNotAllowed, the errors of
    what is wished for, and LabelsNotReady.
    """
    batch = _get_batch(actor, batch_id)
    if not may_make_labels(
        actor=actor, batch=batch, kind=kind, from_number=from_number, to_number=to_number
    ):
        raise VerbNotAllowed
    copies = _copies(batch, kind, copies)
    labels = _count_labels(batch, kind, from_number, to_number, copies)
    printer = _get_printer(batch, layout, printer_id)
    if batch.status not in WITH_CODES:
        raise label_errors.LabelsNotReady(batch.status)
    sheet = LabelSheet(
        organization_id=batch.organization_id,
        created_by=actor,
        batch=batch,
        order_id=batch.order_id,
        kind=kind,
        from_number=from_number,
        to_number=to_number,
        layout=layout,
        copies=copies,
        printer=printer,
        label_count=labels,
        page_count=count_pages(layout, labels),
    )
    if printer is not None:
        sheet.max_attempts = PRINT_ATTEMPTS
    return submit_job(sheet)


@transaction.atomic
def create_all_sheets(*, actor: User, batch: Batch) -> list[LabelSheet]:
    """Every unit, spare and case of the batch, in as many sheets as it takes; all or none."""
    kinds = [kind for kind in LabelKind.values if count_codes(batch=batch, kind=kind)]
    return [
        create_label_sheet(
            actor=actor, batch_id=batch.pk, kind=kind, from_number=first, to_number=last
        )
        for kind in kinds
        for first, last in _parts(batch, kind)
    ]


def _parts(batch: Batch, kind: str) -> Iterator[tuple[int, int]]:
    highest, size = count_codes(batch=batch, kind=kind), MOST_LABELS // _copies(batch, kind, None)
    for first in range(1, highest + 1, size):
        yield first, min(first + size - 1, highest)


def may_make_labels(
    *, actor: User, batch: Batch, kind: str, from_number: int, to_number: int
) -> bool:
    """Managers and staff who may generate codes; operators only the label of one case again."""
    if may_make_all_labels(actor=actor, batch=batch):
        return True
    is_one_case = kind == LabelKind.CASE and from_number == to_number
    is_own = actor.organization is not None and actor.organization.pk == batch.organization_id
    return is_one_case and is_own and actor.has_role(Role.OPERATOR)


def may_make_all_labels(*, actor: User, batch: Batch) -> bool:
    is_own = actor.organization is not None and actor.organization.pk == batch.organization_id
    if is_own and actor.has_role(Role.MANAGER):
        return True
    return actor.sees_all_organizations and actor.has_perm("qrtracking.generate_batch")


def open_label_file(*, sheet: LabelSheet, actor: User) -> "File[bytes]":
    """The finished file. For people who print, the batch is being printed from the first time on.

    Raises LabelFileNotReady, LabelFileGone.
    """
    if not sheet.is_ready:
        raise label_errors.LabelFileNotReady(sheet.status)
    try:
        content: File[bytes] = sheet.file.storage.open(str(sheet.file.name))
    except FileNotFoundError:
        raise label_errors.LabelFileGone from None
    if actor.has_role(Role.OPERATOR) or actor.is_staff:
        note_output(sheet)
    return content


@transaction.atomic
def note_output(sheet: LabelSheet) -> None:
    """The labels are on their way to paper: by a download, or by a printer."""
    first = LabelSheet.objects.without_output().filter(pk=sheet.pk)
    if first.update(**moved(downloaded_at=Now())):
        batch = Batch.objects.filter(pk=sheet.batch_id, status=BatchStatus.GENERATED)
        batch.update(**moved(status=BatchStatus.PRINTING))


def file_name(sheet: LabelSheet) -> str:
    """`Labels_ORD-HM-1125-02_units_1-650.pdf`"""
    suffix = "zpl" if sheet.layout == LabelLayout.ZPL else "pdf"
    kind = LabelKind(sheet.kind).label.lower()
    numbers = f"{sheet.from_number}-{sheet.to_number}"
    if sheet.from_number == sheet.to_number:
        kind, numbers = sheet.kind, f"{sheet.from_number}"
    return f"Labels_{sheet.order.order_no}_{kind}_{numbers}.{suffix}"


def file_type(sheet: LabelSheet) -> str:
    return "text/plain" if sheet.layout == LabelLayout.ZPL else "application/pdf"


def _get_batch(actor: User, batch_id: UUID) -> Batch:
    batches = Batch.objects.visible_to(actor).select_related("order")
    batch: Batch | None = batches.filter(pk=batch_id).first()
    if batch is None:
        raise BatchNotFound
    return batch


def _copies(batch: Batch, kind: str, copies: int | None) -> int:
    if kind not in LabelKind.values:
        raise label_errors.LabelKindInvalid
    most = MOST_COPIES if kind == LabelKind.CASE else 1
    if copies is None:
        return 1 + batch.order.extra_qr_master if kind == LabelKind.CASE else 1
    if not 1 <= copies <= most:
        raise label_errors.CopiesInvalid
    return copies


def _count_labels(batch: Batch, kind: str, first: int, last: int, copies: int) -> int:
    highest = count_codes(batch=batch, kind=kind)
    if not 1 <= first <= last <= highest:
        raise label_errors.LabelRangeInvalid(kind, highest)
    count = (last - first + 1) * copies
    if count > MOST_LABELS:
        raise label_errors.TooManyLabels(count, MOST_LABELS)
    return count


def _get_printer(batch: Batch, layout: str, printer_id: UUID | None) -> LabelPrinter | None:
    if layout not in LabelLayout.values:
        raise label_errors.LabelLayoutInvalid
    if printer_id is None:
        return None
    if layout != LabelLayout.ZPL:
        raise label_errors.PrinterNeedsZpl
    printer = list_printers(batch=batch).filter(pk=printer_id).first()
    if printer is None:
        raise label_errors.PrinterNotFound
    return printer
