"""What may be wrong with a request before any service sees it."""

from accounts.errors import DomainError


class BodyTooLarge(DomainError):
    """Request body is too large"""

    code = "body_too_large"
    kind = "too_large"

    def __init__(self, megabytes: int = 0) -> None:
        super().__init__(f"Request body is larger than {megabytes} MB" if megabytes else None)
