"""What the page of an import shows: where it stands, what it asks, and what its dry run came to."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse

from inventory.forms.imports import AnswerForm, MappingForm
from inventory.models import ImportStatus, QueueBatch, QueueImport, QueueImportRow, RowVerdict
from inventory.rules.incoming import read_date
from inventory.selectors.imports import Preview, get_preview, list_rows
from inventory.services.import_files import JSON, PASTE
from jobs.admin_base.wording import format_moment

EXAMPLES = 3
_SHOWN, _VALUES = 80, 6
_READ = (ImportStatus.READY, ImportStatus.QUEUED)
_VERDICTS = (
    (RowVerdict.NEW, "success", "not in stock yet"),
    (RowVerdict.UPDATE, "info", "in stock; what the file says replaces what is stored"),
    (RowVerdict.DUPLICATE, "warning", "IMEI stands earlier in the file; the later row wins"),
    (RowVerdict.INVALID, "danger", "would fail, is not queued"),
)
# What a person can do about a code; the codes and texts of single rows are those of the contract.
_ADVICE = {
    "imei_missing": "No IMEI in the row",
    "imei_not_numeric": "Letters in the IMEI",
    "imei_length": "Not 15 digits",
    "imei_scientific": "A spreadsheet shortened it to 3.5E+14: format the column as text, fill it again",
    "imei_number_ambiguous": "A number of 14 or 16 digits: format the column as text",
    "imei_multiple": "Two IMEIs in one cell: split them into two rows or columns",
    "imei_placeholder": "All zeros",
    "imei_check_digit": "Wrong check digit: scan the phone again",
    "quantity_invalid": "The quantity is no whole number of at least 1",
    "text_too_long": "A text is too long for its field",
    "wrong_type": "A list or an object where a text belongs",
    "unknown_location": "The place is not known: add it, or correct its name",
    "unknown_warehouse": "The warehouse is not known",
    "schema_mismatch": "It does not fit the schema of its source",
    "imei_svn_dropped": "A software version after the IMEI was dropped",
    "imeisv_normalised": "16 digits: the last two were replaced by the check digit",
    "check_digit_added": "14 digits: the check digit was added",
    "imei2_invalid": "The second IMEI cannot be read and is left out",
    "battery_out_of_range": "The battery health is not from 0 to 100 and is left out",
    "battery_ambiguous": "A battery health of 1.0 may be 1 % or 100 % and is left out",
    "date_unreadable": "A date cannot be read and is left out",
    "quantity_ignored": "One IMEI is one unit, whatever the quantity",
    "not_storable": "The row cannot be kept as it is",
    "cell_error": "A cell of the workbook holds an error and counts as blank",
    "device_returned": "The phone was taken out of stock: it comes back",
    "imei_is_second_of": "It is known as the second IMEI of another phone",
    "model_differs_from_tac": "Other devices with the same first eight digits are another model",
    "schedule_in_past": "Its time has passed: it is handled at once",
    "working_failed_conflict": "Working and failed both say yes: failed counts",
}


def page_context(queue_import: QueueImport) -> dict[str, Any]:
    """Forms that are given by the caller, bound and with errors, replace those of this."""
    context: dict[str, Any] = {
        "import": queue_import,
        "settings": _settings(queue_import),
        "batch": batch_link(queue_import),
        "has_lines": queue_import.format not in (JSON, PASTE),
    }
    if queue_import.status in _READ:
        context |= _preview_context(get_preview(queue_import))
    return context


def _preview_context(preview: Preview) -> dict[str, Any]:
    context: dict[str, Any] = {"preview": preview, "counts": preview.counts}
    if preview.queue_import.status == ImportStatus.QUEUED:
        return context | _dry_run(preview)
    if preview.question:
        return context | {"answer_form": AnswerForm(question=preview.question)}
    if preview.columns and preview.queue_import.format != PASTE:
        context["mapping_form"] = MappingForm(columns=preview.columns)
    return context | (_dry_run(preview) if preview.is_judged else {})


def _dry_run(preview: Preview) -> dict[str, Any]:
    counts = preview.counts
    return {
        "verdicts": [_verdict(preview, *one) for one in _VERDICTS],
        "warnings": _by_code(counts.warnings),
        "errors": _by_code(counts.errors),
    }


def _verdict(preview: Preview, verdict: RowVerdict, colour: str, words: str) -> dict[str, Any]:
    number = getattr(preview.counts, verdict.value)
    rows = list_rows(preview.queue_import, verdict=verdict.value, limit=EXAMPLES) if number else []
    headers = [column.header for column in preview.columns]
    return {
        "label": verdict.label,
        "colour": colour,
        "words": words,
        "count": number,
        "is_bad": verdict == RowVerdict.INVALID and number > 0,
        "examples": [_example(row, headers) for row in rows],
    }


def _example(row: QueueImportRow, headers: Sequence[str]) -> dict[str, Any]:
    notes = [row.error_message] if row.error_message else []
    notes += [str(note.get("message", note.get("code", ""))) for note in row.warnings or []]
    return {
        "line": row.line_no,
        "imei": row.imei_norm or "",
        "data": _summary(row.data, headers),
        "notes": notes,
    }


def _summary(data: Mapping[str, Any], headers: Sequence[str]) -> str:
    """A row in a line: `IMEI 12 · Model iPhone 13`."""
    record = data.get("record") or data.get("phone", {})
    pairs = record.items() if record else zip(headers, data.get("cells", []), strict=False)
    written = [f"{name} {_cut(_text(value))}" for name, value in pairs if value not in (None, "")]
    more = ["…"] if len(written) > _VALUES else []
    return " · ".join([*written[:_VALUES], *more])


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _by_code(counts: Any) -> list[dict[str, Any]]:
    found = sorted((counts or {}).items(), key=lambda pair: (-pair[1], pair[0]))
    return [{"code": code, "count": n, "advice": _ADVICE.get(code, "")} for code, n in found]


def _settings(queue_import: QueueImport) -> list[tuple[str, str]]:
    options = queue_import.options
    policies = {"warn": "kept, with a warning", "strict": "refused"}
    start = read_date(options.get("scheduled_at") or "")
    return [
        ("Organization", str(queue_import.organization)),
        ("Sent by", str(queue_import.created_by or "the system")),
        ("Sent", format_moment(queue_import.created_at)),
        ("Place", options.get("location") or "as the file says"),
        ("Priority", str(options.get("priority") or "5")),
        ("Wrong check digits", policies.get(options.get("validation") or "", "as the source says")),
        ("Source", options.get("source") or "file-import"),
        ("Start", f"{format_moment(start)} UTC" if start else "as soon as it is queued"),
    ]


def batch_link(queue_import: QueueImport) -> dict[str, Any] | None:
    if not queue_import.batch_id:
        return None
    rows = QueueBatch.objects.filter(organization_id=queue_import.organization_id)
    pk = rows.filter(batch_id=queue_import.batch_id).values_list("pk", flat=True).first()
    url = reverse("admin:inventory_queuebatch_change", args=[pk]) if pk else ""
    return {"batch_id": queue_import.batch_id, "url": url}
