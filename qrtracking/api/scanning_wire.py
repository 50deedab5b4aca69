"""What a scan page sends to `/api/v1/qr/`, read in the order in which it is checked."""

from typing import Any
from uuid import UUID

from rest_framework import serializers

from qrtracking import errors
from qrtracking.api import packing_wire, wire
from qrtracking.api.wire import Body
from qrtracking.rules.text import parse_entries
from qrtracking.services.reasons import MAX_LENGTH
from qrtracking.services.receiving import MAX_RECEIVED
from qrtracking.services.scanning import QueueOptions, ScanMode
from qrtracking.services.spoiling import MAX_UNITS

MAX_SCANS = 200


class ScanRequest(serializers.Serializer[Any]):
    """One scan. Of the client's clock nothing is kept: scans count in the order of the list."""

    uuid = serializers.UUIDField(help_text="Made by the client: the same one again has no effect.")
    # A scan is kept as it was read; what it means is decided later.
    text = serializers.CharField(allow_blank=True, trim_whitespace=False)
    mode = serializers.ChoiceField(choices=list(ScanMode), default=ScanMode.PACK)
    case_id = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="The case that is open."
    )
    at = serializers.DateTimeField(required=False, allow_null=True, help_text="Ignored.")
    skip_case_validation = serializers.BooleanField(
        required=False, help_text="Take units planned for other cases; else as the call says."
    )
    target_units = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        max_value=100_000,
        help_text="Mode rest: so many units; else all that the case has room for.",
    )
    same_case = serializers.BooleanField(
        required=False, default=False, help_text="Mode rest: only units planned for the case."
    )


class ScansListRequest(serializers.Serializer[Any]):
    scans = serializers.ListField(child=ScanRequest(), max_length=MAX_SCANS)


class ScansRequest(ScansListRequest):
    """For the schema."""

    batch_id = serializers.UUIDField()
    skip_case_validation = serializers.BooleanField(required=False, default=False)


class BatchRequest(serializers.Serializer[Any]):
    """For the schema."""

    batch_id = serializers.UUIDField()


class ReceiveRequest(serializers.Serializer[Any]):
    """For the schema."""

    master_codes = serializers.ListField(child=serializers.CharField(), max_length=MAX_RECEIVED)
    warehouse_org_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="Omitted: where each case was sent."
    )


class ReplacementsRequest(serializers.Serializer[Any]):
    """For the schema."""

    batch_id = serializers.UUIDField()
    spoiled = serializers.ListField(
        child=serializers.CharField(),
        max_length=MAX_UNITS,
        help_text="Units: codes, addresses, numbers, ranges.",
    )
    spares = serializers.ListField(
        child=serializers.CharField(allow_null=True, allow_blank=True),
        required=False,
        help_text="At the position of the text that each is for; null: the next free one.",
    )


class CloseShortRequest(serializers.Serializer[Any]):
    """For the schema."""

    reason = serializers.CharField(max_length=MAX_LENGTH)


class PhotoRequest(serializers.Serializer[Any]):
    """For the schema."""

    image = serializers.ImageField(help_text="JPEG, PNG, WebP, GIF or BMP of up to 10 MB.")


def read_batch(body: Body) -> UUID:
    wire.require_fields(body, ["batch_id"])
    return wire.read_id(body["batch_id"])


def read_receipt(body: Body) -> dict[str, Any]:
    """The arguments of `receive_cases`."""
    warehouse = body.get("warehouse_org_id")
    return {
        "master_codes": packing_wire.read_labels(body),
        "warehouse_org_id": None if warehouse in (None, "") else wire.read_id(warehouse),
    }


def read_replacements(body: Body) -> dict[str, Any]:
    """The arguments of `replace_spoiled`."""
    wire.require_fields(body, ["batch_id", "spoiled"])
    spoiled = read_texts(body, "spoiled")
    if not any(parse_entries(text) for text in spoiled):
        raise errors.FieldMissing("spoiled names no units")
    named = body if body.get("spares") is not None else {"spares": []}
    return {
        "batch_id": wire.read_id(body["batch_id"]),
        "spoiled": spoiled,
        "spares": read_texts(named, "spares"),
    }


def read_texts(body: Body, name: str) -> list[str]:
    """Units that are named one by one; null stands for none."""
    values = ["" if value is None else value for value in read_list(body, name)]
    if not all(isinstance(value, str) for value in values):
        raise errors.FieldInvalid(f"{name} must be an array of strings")
    return values


def read_list(body: Body, name: str, *, of: str = "strings", longest: int = MAX_UNITS) -> list[Any]:
    value = body[name]
    if not isinstance(value, list):
        raise errors.FieldInvalid(f"{name} must be an array of {of}")
    if len(value) > longest:
        raise errors.FieldInvalid(f"{name} has over {longest} entries")
    return value


def read_scans(body: Body) -> list[dict[str, Any]]:
    """The arguments of `scan` for each of them, but for the actor and the batch."""
    wire.require_fields(body, ["batch_id", "scans"])
    skips = wire.read_flag(body, "skip_case_validation", default=False)
    scans = read_list(body, "scans", of="objects", longest=MAX_SCANS)
    read = ScansListRequest(data={"scans": scans})
    read.is_valid(raise_exception=True)
    return [_arguments(item, skips=skips) for item in read.validated_data["scans"]]


def _arguments(item: dict[str, Any], *, skips: bool) -> dict[str, Any]:
    return {
        "client_uuid": item["uuid"],
        "text": item["text"],
        "mode": ScanMode(item["mode"]),
        "case_id": item["case_id"],
        "skip_case_validation": item.get("skip_case_validation", skips),
        "queue": QueueOptions(item["target_units"], item["same_case"]),
    }
