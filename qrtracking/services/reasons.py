"""Why somebody corrects or cuts short what was planned: kept with the event."""

from qrtracking.errors import packing as packing_errors

MAX_LENGTH = 500


def check_reason(reason: str, *, required: bool) -> str:
    """The reason without spaces around it. Raises ReasonRequired or ReasonTooLong."""
    text = reason.strip()
    if required and not text:
        raise packing_errors.ReasonRequired
    if len(text) > MAX_LENGTH:
        raise packing_errors.ReasonTooLong
    return text
