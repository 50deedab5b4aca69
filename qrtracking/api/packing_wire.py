"""What the packing endpoints of the fixed contract read from their bodies, in its order of checks.

As in `qrtracking.api.wire`, a value of the wrong type is read as one that cannot exist.
"""

from typing import Any

from accounts.models import User
from qrtracking import errors
from qrtracking.api.wire import Body, read_flag, read_id
from qrtracking.errors import packing as packing_errors


def check_organization(body: Body, user: User) -> None:
    """The organization may be left out; a named one must be the user's. Raises WrongOrganization."""
    named = body.get("manufacturer_org_id")
    if named in (None, ""):
        return
    if user.organization is None or read_id(named) != user.organization.pk:
        raise errors.WrongOrganization


def read_packing(body: Body) -> dict[str, Any]:
    """The arguments of `link_scanned`."""
    master_code, codes = body.get("master_code"), body.get("unique_codes")
    if not isinstance(master_code, str) or not isinstance(codes, list):
        raise packing_errors.CodesRequired
    if not all(isinstance(code, str) for code in codes):
        raise errors.FieldInvalid("unique_codes must be an array of strings")
    return {
        "master_code": master_code,
        "unique_codes": codes,
        "skip_case_validation": read_flag(body, "skip_case_validation", default=False),
    }


def read_perfect(body: Body) -> dict[str, Any]:
    """The arguments of `mark_case_perfect`."""
    order_id = body.get("order_id")
    return {
        "master_code": read_text(body, "master_code"),
        "order_id": None if order_id in (None, "") else read_id(order_id),
        "force": read_flag(body, "force", default=False),
    }


def read_completion(body: Body) -> dict[str, Any]:
    """The arguments of `complete_production`."""
    require(body, "batch_id", "batch_id is required")
    return {
        "batch_id": read_id(body["batch_id"]),
        "allow_incomplete": read_flag(body, "allow_incomplete", default=False),
        "reason": read_text(body, "reason"),
    }


def read_labels(body: Body) -> list[str]:
    labels = body.get("master_codes")
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise packing_errors.MasterCodesRequired
    return labels


def read_text(body: Body, name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


def require(body: Body, name: str, message: str) -> None:
    if body.get(name) in (None, ""):
        raise errors.FieldMissing(message)
