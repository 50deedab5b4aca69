"""Why a unit of a packing plan is not packed, in words for the person who sent the plan."""

from collections.abc import Mapping

_WORDS: Mapping[str, str] = {
    "unknown_master": "No case of this batch has this label",
    "master_of_other_batch": "This case belongs to order {}",
    "no_units": "The row names no units",
    "not_found": "Unknown code",
    "wrong_batch": "This unit belongs to order {}",
    "in_other_row": "Named in row {} as well: both are refused",
    "repeated": "Named twice in this row",
    "already_linked": "Already packed in Case #{}",
    "not_available": "Not available: {}",
    "wrong_variant": "This unit is {}, which the case does not take",
    "wrong_sequence": "Planned for Case #{}",
    "case_full": "The case takes {} units and is full",
}
_WITHOUT_DETAIL: Mapping[str, str] = {
    "master_of_other_batch": "This case belongs to another order",
    "wrong_batch": "This unit belongs to another order",
    "in_other_row": "Named in another row as well: both are refused",
    "already_linked": "Already packed",
    "not_available": "Not available",
    "wrong_variant": "Of a variant that the case does not take",
    "wrong_sequence": "Planned for another case",
    "case_full": "The case is full",
}
_STATUSES = {"spoiled": "Spoiled unit, do not pack"}
_HEADINGS: Mapping[str, str] = {
    **_WITHOUT_DETAIL,
    "unknown_master": "Case not known",
    "no_units": "Rows without units",
    "not_found": "Unknown code",
    "in_other_row": "Named in several rows",
    "repeated": "Named twice in a row",
}


def reason_text(reason: str, detail: str = "") -> str:
    """A sentence without its full stop; empty for a unit that is not refused."""
    if reason == "not_available" and detail in _STATUSES:
        return _STATUSES[detail]
    if not detail and reason in _WITHOUT_DETAIL:
        return _WITHOUT_DETAIL[reason]
    return _WORDS.get(reason, reason).format(detail.replace("_", " "))


def reason_heading(reason: str) -> str:
    """What all units with this reason have in common."""
    return _HEADINGS.get(reason, reason)
