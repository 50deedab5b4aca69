"""The words of the big band that answers a scan."""

from collections.abc import Sequence

from accounts.errors import DomainError
from qrtracking import errors
from qrtracking.models import MasterCode
from qrtracking.rules.ranges import case_ranges_text
from qrtracking.rules.scan_words import label_text
from qrtracking.selectors.scan import Label
from qrtracking.services.linking import LinkResult
from scanning.answers import Answer, cut


def shorten(text: str) -> str:
    """A label's text as the band shows it: of an address only the code."""
    return cut(label_text(text))


def linked(result: LinkResult, *, scanned: str, sequences: list[int]) -> Answer:
    case, count = result.case, result.linked_count
    title = f"Case #{case.case_number}: {count:,} {'unit' if count == 1 else 'units'}"
    notes = []
    if result.skipped_variant_codes:
        notes.append("Units of other variants were passed over and stay in the queue.")
    if result.unused_codes:
        notes.append(f"{len(result.unused_codes):,} units were no longer free and left the queue.")
    return case_took(case, title=title, scanned=scanned, sequences=sequences, notes=notes)


def case_took(
    case: MasterCode,
    *,
    title: str,
    scanned: str,
    sequences: Sequence[int],
    notes: Sequence[str] = (),
) -> Answer:
    """The case holds these units of the queue now: which they are, and how to go on."""
    if case.is_full:
        advice = f"Case #{case.case_number} is full. Scan the next case."
    else:
        inside = f"{case.actual_unit_count:,} of {case.expected_unit_count:,} units"
        advice = (
            f"Case #{case.case_number} now holds {inside}. Scan it again to fill it up, "
            "or scan the next case."
        )
    return Answer(
        kind="ok",
        title=title,
        scanned=shorten(scanned),
        advice=advice,
        notes=((f"Pack {_ranges(sequences)}.",) if sequences else ()) + tuple(notes),
    )


def refused(error: DomainError, *, scanned: str, case: MasterCode | None) -> Answer:
    """The words for a link that was not made."""
    known = f"Case #{case.case_number}" if case else "This case"
    text = shorten(scanned)
    match error:
        case errors.CaseFull():
            return Answer(
                kind="duplicate",
                title=f"{known} is already full",
                scanned=text,
                expected="a case with room" if case is None else _room(case),
                advice="Nothing was changed. Scan the next case.",
            )
        case errors.QueueOtherVariants():
            held = ", ".join(f"{code} {n:,}" for code, n in error.extra["other_variants"].items())
            return Answer(
                kind="wrong",
                title=f"No units of this variant are ready for {known}",
                scanned=text,
                expected=f"a case for the variants that are ready: {held}",
                advice="Scan a case of one of these variants, or submit a job for this one.",
            )
        case errors.QueueOtherCases():
            return Answer(
                kind="wrong",
                title=f"No ready units are planned for {known}",
                scanned=text,
                expected="a case whose planned units are ready",
                advice="Scan another case, or take the tick from “Only units planned for this case”.",
            )
    return Answer(
        kind="wrong", title=error.message, scanned=text, advice=_ADVICE.get(error.code, "")
    )


def not_a_case(label: Label | None, *, scanned: str, order_no: str, other_order: str) -> Answer:
    """The words for a text that is no case of this batch."""
    text = shorten(scanned)
    if other_order and label is not None:
        return Answer(
            kind="wrong",
            title=f"This {label.kind} belongs to order {other_order}. You are packing {order_no}.",
            scanned=text,
            expected=f"a case label of {order_no}",
            advice="Put it aside and scan a case of this order.",
        )
    if label is not None and label.kind == "unit":
        return Answer(
            kind="wrong",
            title="This is a unit label. Scan the case label.",
            scanned=f"{text} (unit #{label.number})",
            expected=f"a case label of {order_no}",
            advice="Nothing was changed.",
        )
    return Answer(
        kind="wrong",
        title=f"Unknown code: {text}. Scan again or type CASE:<number>.",
        scanned=text,
        expected=f"a case label of {order_no}",
        advice="Nothing was changed.",
    )


_ADVICE = {
    "queue_empty": "Nothing was changed. Wait for a running job, or submit a new one.",
    "order_locked": "Nothing was changed. Ask the warehouse.",
    "batch_state": "Nothing was changed. Ask your manager.",
}


def _room(case: MasterCode) -> str:
    held = f"{case.actual_unit_count:,} of {case.expected_unit_count:,} units"
    return f"a case with room; this one holds {held}"


def _ranges(sequences: Sequence[int]) -> str:
    ranges = case_ranges_text(sequences).split(", ")
    if len(ranges) <= 12:
        return ", ".join(ranges)
    return f"{', '.join(ranges[:12])} and {len(ranges) - 12} more stretches"
