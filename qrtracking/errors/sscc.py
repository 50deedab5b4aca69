from accounts.errors import DomainError


class SsccPrefixMissing(DomainError):
    """Your organization has no GS1 company prefix yet. Ask an administrator to enter it."""

    code = "sscc_prefix_missing"
    kind = "conflict"


class SsccSerialsUsedUp(DomainError):
    """The numbers under your GS1 company prefix are used up."""

    code = "sscc_serials_used_up"
    kind = "conflict"

    def __init__(self, *, left: int, needed: int) -> None:
        super().__init__(
            f"Your GS1 company prefix has {left:,} numbers left, and {needed:,} are needed. "
            "Ask an administrator to enter another extension digit or prefix."
        )
