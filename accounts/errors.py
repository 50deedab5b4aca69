"""Expected failures. The class docstring is the message; edges turn `kind` into an HTTP status."""

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

Kind = Literal[
    "invalid",
    "unauthenticated",
    "forbidden",
    "not_found",
    "conflict",
    "too_large",
    "unprocessable",
]


class DomainError(Exception):
    """The request cannot be carried out."""

    code: ClassVar[str] = "invalid"
    kind: ClassVar[Kind] = "invalid"

    def __init__(
        self, message: str | None = None, *, extra: Mapping[str, Any] | None = None
    ) -> None:
        self.message = message or " ".join((inspect.getdoc(type(self)) or "").split())
        self.extra: dict[str, Any] = dict(extra or {})
        super().__init__(self.message)


class NotAMember(DomainError):
    """This user is not a member of the organization."""

    code = "not_a_member"
    kind = "forbidden"


class OrganizationRequired(DomainError):
    """You act for no organization."""

    code = "organization_required"
    kind = "forbidden"


class AlreadyAMember(DomainError):
    """This user is a member of the organization already."""

    code = "already_a_member"
    kind = "conflict"


class OrganizationExists(DomainError):
    """An organization with this short name exists already."""

    code = "organization_exists"
    kind = "conflict"


class TooManyTokens(DomainError):
    """This user has too many tokens. Revoke one first."""

    code = "too_many_tokens"
    kind = "conflict"


class TokenLifetimeInvalid(DomainError):
    """A token lives at least one minute and at most one year."""

    code = "token_lifetime_invalid"


class UnknownFilter(DomainError):
    """This list has no such filter."""

    code = "unknown_filter"

    def __init__(self, name: str = "") -> None:
        super().__init__(f"Unknown filter: {name[:100]}" if name else None)


class IdempotencyKeyInvalid(DomainError):
    """Idempotency-Key must have 1 to 200 printable characters."""

    code = "idempotency_key_invalid"


class IdempotencyKeyReused(DomainError):
    """This Idempotency-Key was used for another request."""

    code = "idempotency_key_reused"
    kind = "unprocessable"


class IdempotencyRequestRunning(DomainError):
    """The first request with this Idempotency-Key is still running."""

    code = "idempotency_request_running"
    kind = "conflict"
