"""What may go wrong with sheets of labels."""

from accounts.errors import DomainError
from jobs.errors import TemporaryFailure


class LabelKindInvalid(DomainError):
    """kind must be unit, spare or case"""

    code = "label_kind_invalid"


class LabelLayoutInvalid(DomainError):
    """There is no such layout"""

    code = "label_layout_invalid"


class LabelRangeInvalid(DomainError):
    """from and to must be numbers of this batch."""

    code = "label_range_invalid"

    def __init__(self, noun: str, highest: int) -> None:
        if highest:
            super().__init__(f"from and to must be {noun} numbers from 1 to {highest}")
        else:
            super().__init__(f"This batch has no {noun} labels")


class TooManyLabels(DomainError):
    """A sheet has at most 20,000 labels."""

    code = "too_many_labels"

    def __init__(self, count: int, most: int) -> None:
        super().__init__(f"A sheet has at most {most:,} labels, these are {count:,}. Send parts.")


class CopiesInvalid(DomainError):
    """copies must be from 1 to 11, and 1 for units and spares"""

    code = "label_copies_invalid"


class PrinterNotFound(DomainError):
    """Label printer not found"""

    code = "label_printer_not_found"


class PrinterNeedsZpl(DomainError):
    """A label printer takes the layout zpl only"""

    code = "label_printer_needs_zpl"


class LabelsNotReady(DomainError):
    """Labels of this batch cannot be made now"""

    code = "batch_state"
    kind = "conflict"

    def __init__(self, status: str) -> None:
        super().__init__(f"Labels of this batch cannot be made now ({status})")


class LabelFileNotReady(DomainError):
    """The file of this label sheet is not ready"""

    code = "label_file_not_ready"
    kind = "conflict"

    def __init__(self, status: str) -> None:
        super().__init__(f"The file of this label sheet is not ready ({status})")


class LabelFileGone(DomainError):
    """The file of this label sheet was deleted. Make a new sheet."""

    code = "label_file_gone"
    kind = "not_found"


class LabelsMissing(DomainError):
    """Codes of this label sheet are gone."""

    code = "label_codes_missing"

    def __init__(self, found: int, wanted: int) -> None:
        super().__init__(f"Only {found} of {wanted} codes of this part of the sheet exist.")


class LabelVerificationFailed(DomainError):
    """A page could not be read back."""

    code = "label_verification_failed"

    def __init__(self, page: int) -> None:
        super().__init__(
            f"Page {page} could not be read back. No label of this sheet was released."
        )


class PrinterSilent(TemporaryFailure):
    """The label printer does not answer."""

    code = "label_printer_silent"

    def __init__(self, *, name: str, address: str) -> None:
        super().__init__(f"The printer {name} does not answer at {address}. Is it switched on?")


class PrintingInterrupted(DomainError):
    """The connection to the printer broke while labels were sent."""

    code = "label_printing_interrupted"

    def __init__(self, *, name: str) -> None:
        super().__init__(
            f"The connection to the printer {name} broke while labels were sent. Look at what it "
            "printed: trying again sends all labels of the sheet once more."
        )
