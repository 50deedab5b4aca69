"""What a scan page says after a scan, and how the stored words are told apart again."""

import re
from enum import StrEnum

from qrtracking.rules.text import EntryKind, clean, parse_entries


class ScanAnswer(StrEnum):
    OK = "ok"
    DUPLICATE = "duplicate"
    WRONG = "wrong"
    LOCKED = "locked"


class Command(StrEnum):
    """Texts of printed labels that are no codes."""

    UNDO = "UNDO"
    CLOSE_CASE = "CLOSE CASE"


NO_CASE_OPEN = "No case is open. Scan its label first."
LIST_EMPTY = "Your list is empty. Scan units first."
ONE_AT_A_TIME = "This text names several things. Scan one label at a time."
UNIT_LABEL = "This is a unit label. Scan the case label."
SPOILED = "Spoiled unit, do not pack."

# A scan item keeps its words and no answer: what was refused says by its first words why.
_DUPLICATE = re.compile(
    r"Already on your list: |Already packed in |#\d+ is on the list of |"
    r"Case already marked perfect|This master case is already full"
)
_ADDRESS = re.compile("://|/track/", re.IGNORECASE)
_LOCKED = re.compile(r"Warehouse intake has begun|Batch is not ready for packing")


def answer_of(*, is_refused: bool, message: str) -> ScanAnswer:
    if not is_refused:
        return ScanAnswer.OK
    if _DUPLICATE.match(message):
        return ScanAnswer.DUPLICATE
    return ScanAnswer.LOCKED if _LOCKED.match(message) else ScanAnswer.WRONG


def command_of(text: str) -> Command | None:
    words = " ".join(clean(text).upper().split())
    return Command(words) if words in set(Command) else None


def label_text(text: str) -> str:
    """What was scanned, as people are told it: of an address only the code, on one line."""
    entries = parse_entries(text) if _ADDRESS.search(text) else ()
    is_label = len(entries) == 1 and entries[0].kind is EntryKind.CODE
    return " ".join((entries[0].text if is_label else text).split())


def unknown_code(text: str) -> str:
    return f"Unknown code: {label_text(text)}. Scan again or type SEQ:<number>."


def of_other_order(*, label: str, order_no: str, packing: str) -> str:
    return f"This {label} belongs to order {order_no}. You are packing {packing}."


def added(*, sequence: int, variant: str, count: int, total: int) -> str:
    return f"Added #{sequence}, {variant}. {count:,} of {total:,}"


def on_own_list(sequence: int) -> str:
    return f"Already on your list: #{sequence}"


def on_list_of(sequence: int, name: str) -> str:
    return f"#{sequence} is on the list of {name}"


def packed_in(case_number: int) -> str:
    return f"Already packed in Case #{case_number}"


def not_available(sequence: int, status: str) -> str:
    return f"#{sequence} is not available ({status.replace('_', ' ')})."


def wrong_variant(*, case_number: int, takes: str, variant: str) -> str:
    return f"Case #{case_number} takes {takes}, this unit is {variant}."


def planned_elsewhere(*, sequence: int, planned: int, case_number: int) -> str:
    return f"#{sequence} is planned for Case #{planned}. Case #{case_number} is open."


def case_open(*, case_number: int, count: int, total: int) -> str:
    return f"Case #{case_number} open, {count:,} of {total:,}"


def other_case_open(*, case_number: int, listed: int) -> str:
    return (
        f"Case #{case_number} is open and {_units(listed)} on your list. "
        "Scan that case to pack them, or clear the list."
    )


def packed(*, case_number: int, count: int, room: int, left: int, reasons: str) -> str:
    """What went into a case; `left` units stay on the list, `reasons` says why some of them."""
    state = "It is full." if room == 0 else f"{room:,} to go."
    words = f"Case #{case_number}: {_units(count)} packed. {state}"
    if not left:
        return words
    stay = f"{_units(left)} {'stays' if left == 1 else 'stay'} on your list"
    return f"{words} {stay}{f': {reasons}' if reasons else ''}."


def filled_from_queue(*, case_number: int, count: int) -> str:
    return f"Case #{case_number}: {_units(count)}"


def _units(count: int) -> str:
    return "1 unit" if count == 1 else f"{count:,} units"
