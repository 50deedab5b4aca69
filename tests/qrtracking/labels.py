"""Sheets of labels for tests, and a reader of what was drawn."""

from io import BytesIO
from typing import Any

import pypdfium2
import zxingcpp
from django.core.files.base import ContentFile

from jobs.runner import run_job
from qrtracking.models import Batch, LabelSheet
from qrtracking.services.label_sheets import create_label_sheet
from tests.accounts.factories import make_member

CODES = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])


def make_sheet(batch: Batch, **changes: Any) -> LabelSheet:
    """Unit labels 1 to 5 unless told otherwise, asked for by a manager."""
    actor = changes.pop("actor", None) or make_member("manager", organization=batch.organization)
    wishes = {"kind": "unit", "from_number": 1, "to_number": 5} | changes
    return create_label_sheet(actor=actor, batch_id=batch.pk, **wishes)


def work_off(sheet: LabelSheet) -> LabelSheet:
    worked = run_job(sheet)
    assert worked is not None
    return worked


def finished(batch: Batch, **changes: Any) -> LabelSheet:
    return work_off(make_sheet(batch, **changes))


def with_file(sheet: LabelSheet, content: bytes = b"%PDF-1.4 sample") -> LabelSheet:
    """Finished without any work."""
    sheet.file.save(f"{sheet.pk}.pdf", ContentFile(content), save=False)
    LabelSheet.objects.filter(pk=sheet.pk).update(
        status="completed", progress=100, file=sheet.file.name, verified_count=sheet.page_count
    )
    sheet.refresh_from_db()
    return sheet


def content_of(sheet: LabelSheet) -> bytes:
    with sheet.file.open("rb") as file:
        return bytes(file.read())


def read_pdf(content: bytes) -> list[list[str]]:
    """The texts of all codes of each page, sorted: found in the whole page, as by a camera."""
    document = pypdfium2.PdfDocument(BytesIO(content))
    pages = []
    for page in document:
        picture = page.render(scale=300 / 72, grayscale=True).to_pil()
        pages.append(sorted(code.text for code in zxingcpp.read_barcodes(picture, formats=CODES)))
    document.close()
    return pages


def read_words(content: bytes) -> str:
    """All that stands on the pages in letters."""
    document = pypdfium2.PdfDocument(BytesIO(content))
    words = " ".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return " ".join(words.split())
