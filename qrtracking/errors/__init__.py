"""What may go wrong, with the exact words that clients of the fixed contract know."""

from collections.abc import Mapping, Sequence

from accounts.errors import DomainError


class MissingFields(DomainError):
    """Missing required fields."""

    code = "missing_fields"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"Missing required fields: {', '.join(names)}")


class FieldInvalid(DomainError):
    """A field of the request has the wrong type."""

    code = "invalid_field"


class FieldMissing(DomainError):
    """A field of the request is missing."""

    code = "missing_fields"


class ProfileNotFound(DomainError):
    """User profile not found"""

    code = "user_profile_not_found"
    kind = "not_found"


class NoProfile(DomainError):
    """Profile not found"""

    code = "profile_not_found"
    kind = "not_found"


class NoOrganization(DomainError):
    """Organization not assigned"""

    code = "organization_not_assigned"


class UnitNotFound(DomainError):
    """QR code not found in system"""

    code = "unit_not_found"
    kind = "not_found"


class WrongOrganization(DomainError):
    """User does not belong to manufacturer organization"""

    code = "wrong_organization"
    kind = "forbidden"


class BatchNotFound(DomainError):
    """Batch not found"""

    code = "batch_not_found"
    kind = "not_found"


class BatchMismatch(DomainError):
    """Batch does not belong to this order or manufacturer"""

    code = "batch_mismatch"
    kind = "forbidden"


class ExcludeCodesInvalid(DomainError):
    """exclude_codes must be an array of strings"""

    code = "exclude_codes_invalid"


class TooManyExcludes(DomainError):
    """exclude_codes has over 100000 entries"""

    code = "exclude_codes_too_many"


class ExcludeTooLong(DomainError):
    """exclude_codes has an entry over 500 characters"""

    code = "exclude_codes_too_long"


class FilterVariantInvalid(DomainError):
    """filter_variant_id is not of this batch"""

    code = "filter_variant_invalid"


class FilterCasesInvalid(DomainError):
    """filter_case_numbers are not of this batch"""

    code = "filter_cases_invalid"


class PriorityInvalid(DomainError):
    """priority must be from 1 to 10"""

    code = "priority_invalid"


class BatchNotReady(DomainError):
    """Batch is not ready for packing"""

    code = "batch_state"
    kind = "conflict"

    def __init__(self, status: str) -> None:
        super().__init__(f"Batch is not ready for packing ({status})")


class OrderLocked(DomainError):
    """Warehouse intake has begun for this order. Scanning and linking are disabled."""

    code = "order_locked"
    kind = "conflict"


class OrderLockedForJobs(OrderLocked):
    """Warehouse intake has begun for this order. Job submission is disabled."""


class TooManyUnitsNow(DomainError):
    """Too many units to prepare now. Submit a background job."""

    code = "too_many_units"
    kind = "conflict"

    def __init__(self, count: int) -> None:
        super().__init__(f"Too many units to prepare now ({count}). Submit a background job.")


class NoAvailableCodes(DomainError):
    """No available codes found for this batch/order. All codes may already be linked to master cases."""

    code = "no_available_codes"
    kind = "not_found"

    def __init__(self) -> None:
        super().__init__(extra={"available_codes_count": 0})


class MissingJobId(DomainError):
    """Missing job_id parameter"""

    code = "missing_job_id"


class JobNotReadable(DomainError):
    """Unauthorized to view this job"""

    code = "job_forbidden"
    kind = "forbidden"


class MasterCodeNotFound(DomainError):
    """Master code not found or not part of this batch"""

    code = "master_code_not_found"
    kind = "not_found"


class MasterCodeOfOtherOrder(DomainError):
    """Master code does not belong to this order"""

    code = "master_code_of_other_order"


class TargetUnitsInvalid(DomainError):
    """target_units must be a whole number from 1 to 100000"""

    code = "target_units_invalid"


class CaseFull(DomainError):
    """This master case is already full. Please link remaining codes to another case."""

    code = "case_full"
    kind = "conflict"


class QueueEmpty(DomainError):
    """No prepared codes available in queue. Please submit a reverse job first."""

    code = "queue_empty"


class QueueOtherCases(QueueEmpty):
    """No prepared codes available in queue. Please submit a reverse job first."""

    code = "queue_other_cases"


class QueueOtherVariants(QueueEmpty):
    """No prepared codes available in queue. Please submit a reverse job first."""

    code = "queue_other_variants"

    def __init__(self, other_variants: Mapping[str, int]) -> None:
        super().__init__(extra={"other_variants": dict(other_variants)})


class ClientUuidReused(DomainError):
    """This client_uuid was used for another scan."""

    code = "client_uuid_reused"
    kind = "conflict"


class BatchMissing(DomainError):
    """The batch of this job no longer exists."""

    code = "batch_missing"


class BatchNoLongerReady(DomainError):
    """The batch of this job cannot be packed any more."""

    code = "batch_not_ready"

    def __init__(self, status: str) -> None:
        super().__init__(f"Batch is not ready for packing ({status})")


class OrderNotFound(DomainError):
    """Order not found"""

    code = "order_not_found"
    kind = "not_found"


class OrderHasBatch(DomainError):
    """Order already has a batch"""

    code = "order_has_batch"
    kind = "conflict"


class CancelledBatchRemains(OrderHasBatch):
    """The codes of the cancelled batch are still being deleted. Try again in a few minutes."""


class OrderNotApproved(DomainError):
    """Order is not approved"""

    code = "order_not_approved"
    kind = "conflict"


class OrderNumberTaken(DomainError):
    """This order number is taken."""

    code = "order_number_taken"
    kind = "conflict"


class OrderNumberInvalid(DomainError):
    """An order number has at most 60 characters: A to Z, 0 to 9 and single dashes between them."""

    code = "order_number_invalid"


class OrderInvalid(DomainError):
    """An order needs items with different variants and whole quantities of at least 1."""

    code = "order_invalid"


class BatchTooLarge(DomainError):
    """A batch has at most 2,000,000 codes, spares included."""

    code = "batch_too_large"


class BatchNotStartable(DomainError):
    """The codes of this batch cannot be generated now."""

    code = "batch_state"
    kind = "conflict"

    def __init__(self, status: str) -> None:
        super().__init__(f"Codes of this batch cannot be generated now ({status})")


class HashSecretMissing(DomainError):
    """Codes cannot be made: QR_HASH_SECRET is not set."""

    code = "hash_secret_missing"
