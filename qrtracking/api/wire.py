"""The names, texts and envelopes of the fixed contract, and the order of its checks.

Its clients rely on the order in which a request is refused. A value of the wrong type is therefore
read as one that cannot exist (an id that nobody has, case 0): the service then refuses it where
the order of checks has its place.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from accounts.models import User
from qrtracking import errors

D = TypeVar("D")
Body = Mapping[str, Any]

NOBODY = UUID(int=0)
NO_CASE = 0
NO_PRIORITY = 0
# Out of range, and not the 0 that stands for the size of the case.
NO_COUNT = -1
LONGEST_LABEL = 200
LARGEST_INTEGER = 2**31 - 1

SUBMIT_FIELDS = ("batch_id", "order_id", "manufacturer_org_id")
LINK_FIELDS = ("batch_id", "order_id", "master_code", "manufacturer_org_id")


def read_body(request: Request) -> Body:
    """The JSON object of a request; the library reads an empty body as an empty object."""
    data = request.data
    if not request.body:
        raise ParseError("Invalid JSON body", code="invalid_json")
    return dict(data)


def require_fields(body: Body, names: Sequence[str]) -> None:
    if any(body.get(name) in (None, "") for name in names):
        raise errors.MissingFields(names)


def require_organization(body: Body, user: User) -> None:
    organization = user.organization
    if organization is None or read_id(body["manufacturer_org_id"]) != organization.pk:
        raise errors.WrongOrganization


def read_id(value: object) -> UUID:
    if not isinstance(value, str):
        return NOBODY
    try:
        return UUID(value)
    except ValueError:
        return NOBODY


def read_submission(body: Body) -> dict[str, Any]:
    """The arguments of `submit_reverse_job`."""
    return {
        "batch_id": read_id(body["batch_id"]),
        "order_id": read_id(body["order_id"]),
        "exclude_codes": body.get("exclude_codes", []),
        **read_filters(body),
        "priority": read_integer(body, "priority", default=5, wrong=NO_PRIORITY),
        "notify_email": read_flag(body, "notify_email", default=True),
        "label": _read_label(body),
        "process_now": read_flag(body, "process_now", default=False),
    }


def read_filters(body: Body) -> dict[str, Any]:
    """Of which units a job is to prepare all."""
    variant = body.get("filter_variant_id")
    return {
        "filter_variant_id": None if variant is None else read_id(variant),
        "filter_case_numbers": _read_cases(body.get("filter_case_numbers")),
    }


def read_link(body: Body) -> dict[str, Any]:
    """The arguments of `link_from_queue`."""
    master_code = body["master_code"]
    return {
        "batch_id": read_id(body["batch_id"]),
        "order_id": read_id(body["order_id"]),
        "master_code": master_code if isinstance(master_code, str) else "",
        "target_units": read_integer(body, "target_units", default=None, wrong=NO_COUNT) or None,
        "same_case": read_flag(body, "same_case", default=False),
    }


def read_integer(body: Body, name: str, *, default: D, wrong: int) -> int | D:
    value = body.get(name)
    if value is None:
        return default
    return value if _is_integer(value) else wrong


def _is_integer(value: object) -> bool:
    """JSON's true is no number, and no column of ours holds a larger one."""
    return type(value) is int and abs(value) <= LARGEST_INTEGER


def _read_cases(value: object) -> list[int] | None:
    if value is None:
        return None
    if not isinstance(value, list):
        return [NO_CASE]
    return [number if _is_integer(number) else NO_CASE for number in value]


def read_flag(body: Body, name: str, *, default: bool) -> bool:
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise errors.FieldInvalid(f"{name} must be true or false")
    return value


def _read_label(body: Body) -> str:
    value = body.get("label")
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST_LABEL:
        raise errors.FieldInvalid(f"label must be a text of up to {LONGEST_LABEL} characters")
    return value
