"""What may go wrong at a packing station, with the exact words that its clients know."""

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.errors import DomainError

SEQUENCES_SHOWN = 10


class MasterCodeUnknown(DomainError):
    """Master code not found in system"""

    code = "master_code_unknown"
    kind = "not_found"


class CaseNotFound(DomainError):
    """Master code not found"""

    code = "case_not_found"
    kind = "not_found"


class CodesRequired(DomainError):
    """Master code and unique codes array are required"""

    code = "codes_required"


class TooManyCodes(DomainError):
    """unique_codes has over 5000 entries"""

    code = "unique_codes_too_many"


class NoValidCodes(DomainError):
    """No valid codes available to link."""

    code = "no_valid_codes"

    def __init__(self, *, not_found: int, already_linked: int, total: int) -> None:
        reasons = [
            f"{count} code(s) {words}"
            for count, words in (
                (not_found, "not found in database"),
                (already_linked, "already linked to master cases"),
            )
            if count
        ]
        super().__init__(
            f"No valid codes available to link. {', '.join(reasons)}.",
            extra={
                "not_found_count": not_found,
                "already_linked_count": already_linked,
                "total_submitted": total,
            },
        )


class NoCodesOfBatch(DomainError):
    """No codes match this master case batch."""

    code = "wrong_batch"

    def __init__(self, *, batch_id: object, found: Mapping[Any, int]) -> None:
        codes = ", ".join(f"{count} codes from batch {other}" for other, count in found.items())
        super().__init__(
            f"No codes match this master case batch ({batch_id}). Found: {codes}",
            extra={"wrong_batch_count": sum(found.values()), "expected_batch_id": str(batch_id)},
        )


class NoCodesOfCase(DomainError):
    """No codes are planned for this case."""

    code = "wrong_sequence"

    def __init__(self, *, case_number: int, planned: str, sequences: Sequence[int]) -> None:
        found = ", ".join(str(number) for number in sequences[:SEQUENCES_SHOWN])
        more = len(sequences) - SEQUENCES_SHOWN
        super().__init__(
            f"No codes match Case #{case_number} sequence range ({planned}). "
            f"Found sequences: {found}{f' and {more} more' if more > 0 else ''}",
            extra={"wrong_sequence_count": len(sequences), "expected_range": planned},
        )


class NoCodesFit(DomainError):
    """No valid codes available to link."""

    code = "no_codes_fit"

    def __init__(self, *, issues: str, summary: Mapping[str, int]) -> None:
        super().__init__(
            f"No valid codes available to link. Issues: {issues}.",
            extra={"filtering_summary": dict(summary)},
        )


class MasterCodeRequired(DomainError):
    """Master code is required"""

    code = "master_code_required"


class MasterCodesRequired(DomainError):
    """master_codes array is required"""

    code = "master_codes_required"


class TooManyMasterCodes(DomainError):
    """master_codes has too many entries."""

    code = "master_codes_too_many"

    def __init__(self, limit: int) -> None:
        super().__init__(f"master_codes has over {limit} entries")


class WrongOrder(DomainError):
    """WRONG_ORDER"""

    code = "wrong_order"

    def __init__(self, *, belongs_to: str, working_on: str) -> None:
        message = (
            f"This master case belongs to {belongs_to}, "
            f"but you are currently working on {working_on}."
        )
        super().__init__(extra={"message": message})


class WorkerProcessed(DomainError):
    """WORKER_PROCESSED"""

    code = "worker_processed"

    def __init__(self, *, scanned: int, total: int) -> None:
        message = (
            "This case has already been processed by workers using the scanning system. "
            "Mark Perfect can only be used for cases that have never been scanned by workers."
        )
        super().__init__(
            extra={
                "message": message,
                "has_worker_scans": True,
                "worker_scanned_count": scanned,
                "total_codes": total,
            }
        )


class CaseWithoutUnits(DomainError):
    """No QR codes found for this case. Case may not have been generated yet."""

    code = "case_without_units"

    def __init__(self, number: int) -> None:
        super().__init__(
            f"No QR codes found for case #{number}. Case may not have been generated yet."
        )


class CaseCountWrong(DomainError):
    """Case may be incomplete or over-filled."""

    code = "case_count_wrong"

    def __init__(self, *, number: int, expected: int, found: int) -> None:
        super().__init__(
            f"Expected {expected} codes but found {found} for case #{number}. "
            "Case may be incomplete or over-filled."
        )


class UnitsInOtherCases(DomainError):
    """Codes are already linked to different master cases. Cannot mark as perfect."""

    code = "units_in_other_cases"

    def __init__(self, count: int, *, masters: Sequence[tuple[str, int]]) -> None:
        super().__init__(
            f"{count} code(s) already linked to different master cases. Cannot mark as perfect.",
            extra={
                "conflicting_masters": [
                    {"master_code": code, "case_number": number} for code, number in masters
                ]
            },
        )


class UnitsUnavailable(DomainError):
    """Units are spoiled or not available."""

    code = "units_unavailable"

    def __init__(self, *, number: int, codes: Sequence[str]) -> None:
        super().__init__(
            f"Case #{number} cannot be marked perfect: "
            f"{len(codes)} unit(s) are spoiled or not available.",
            extra={"unavailable_codes": list(codes)},
        )


class CaseAtWarehouse(DomainError):
    """Cannot unlink. Master case already processed by warehouse."""

    code = "case_at_warehouse"
    kind = "conflict"

    def __init__(self, status: str) -> None:
        super().__init__(f"Cannot unlink. Master case already processed by warehouse ({status}).")


class CaseCompleted(DomainError):
    """Cannot unlink. Production is already completed."""

    code = "case_completed"
    kind = "conflict"

    def __init__(self, status: str) -> None:
        super().__init__(f"Cannot unlink. Production is already completed ({status}).")


class CaseEmpty(DomainError):
    """This case is empty: there is nothing to close."""

    code = "case_empty"
    kind = "conflict"


class CaseNotReceived(DomainError):
    """This case cannot be received."""

    code = "case_not_received"
    kind = "conflict"


class ReasonRequired(DomainError):
    """A reason is required."""

    code = "reason_required"


class ReasonTooLong(DomainError):
    """A reason has at most 500 characters."""

    code = "reason_too_long"


class NothingToUndo(DomainError):
    """Nothing to undo"""

    code = "nothing_to_undo"
    kind = "conflict"


class NoDestination(DomainError):
    """Order has no destination warehouse assigned. Cannot complete production."""

    code = "no_destination"


class BatchNotInProduction(DomainError):
    """Batch must be in production or printing status."""

    code = "batch_not_in_production"

    def __init__(self, status: str) -> None:
        super().__init__(
            f"Batch must be in production or printing status. Current status: {status}"
        )


class BatchIncomplete(DomainError):
    """Batch is not complete."""

    code = "batch_incomplete"
    kind = "conflict"

    def __init__(self, *, packed: int, total: int, unpacked: Sequence[int]) -> None:
        super().__init__(
            f"Batch is not complete: {packed} of {total} cases are packed.",
            extra={"unpacked_case_numbers": list(unpacked)},
        )
