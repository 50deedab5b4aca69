"""What may go wrong with a packing plan."""

from accounts.errors import DomainError


class PlanNotFound(DomainError):
    """Packing plan not found"""

    code = "plan_not_found"
    kind = "not_found"


class PlanEmpty(DomainError):
    """The packing plan is empty"""

    code = "plan_empty"


class PlanFileOrText(DomainError):
    """Send either a file or a text"""

    code = "plan_file_or_text"


class PlanTooLarge(DomainError):
    """The packing plan is over 16 MiB"""

    code = "plan_too_large"
    kind = "too_large"


class PlanHasTooManyUnits(DomainError):
    """A packing plan names at most 500,000 units. Send it in parts."""

    code = "plan_too_many_units"


class PlanFileMissing(DomainError):
    """The file of this packing plan is gone. Upload it again."""

    code = "plan_file_missing"


class PlanNotChecked(DomainError):
    """This packing plan is not checked yet."""

    code = "plan_not_checked"
    kind = "conflict"


class PlanCheckFailed(PlanNotChecked):
    """The check of this packing plan failed. Retry it, or upload the plan again."""

    code = "plan_check_failed"


class PlanCancelled(PlanNotChecked):
    """This packing plan was cancelled. Upload it again."""

    code = "plan_cancelled"


class PlanNothingReady(PlanNotChecked):
    """No unit of this packing plan can be packed."""

    code = "plan_nothing_ready"


class PlanAlreadyApplied(DomainError):
    """This packing plan has been applied already."""

    code = "plan_already_applied"
    kind = "conflict"


class PlanApplierGone(DomainError):
    """The person who applied this packing plan has no account any more."""

    code = "plan_applier_gone"
