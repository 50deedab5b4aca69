"""The band of a scan: the same words for the form, for the page's own scans and after a reload."""

from inventory.rules.scan_words import IntakeScan, ScanOutcome
from scanning.answers import Answer, Kind, cut

_KINDS: dict[ScanOutcome, Kind] = {
    ScanOutcome.NEW: "ok",
    ScanOutcome.UPDATED: "ok",
    ScanOutcome.MOVED: "ok",
    ScanOutcome.ALREADY: "duplicate",
}
CHECK = "Check"


def kind_of(scan: IntakeScan) -> Kind:
    return _KINDS.get(scan.outcome, "wrong")


def answer_of(scan: IntakeScan) -> Answer:
    is_refused = scan.outcome is ScanOutcome.REFUSED
    named = (scan.device_name,) if scan.device_name else ()
    return Answer(
        kind=kind_of(scan),
        title=scan.title,
        scanned=cut(scan.text),
        expected=scan.expected,
        notes=() if is_refused else (*named, *scan.notes),
        advice="It is not in stock. Scan the barcode of the IMEI." if is_refused else "",
    )


def taken_back(scan: IntakeScan) -> Answer:
    """The words for an undo."""
    match scan.outcome:
        case ScanOutcome.NEW:
            advice = "The phone is no longer in stock."
        case ScanOutcome.MOVED if scan.origin:
            advice = f"The phone is at {scan.origin.name} again."
        case _:
            advice = "The phone is as it was before."
    return Answer("ok", "TAKEN BACK", scanned=cut(scan.text), advice=advice, word="Undo")


def wrong_check_digit(text: str, expected: str) -> Answer:
    title = f"Check digit is wrong, expected {expected}"
    advice = "Scan again, or press Enter to keep it."
    return Answer("duplicate", title, scanned=cut(text), advice=advice, word=CHECK)
