"""`get-batch-codes`: what it reads and answers, name by name."""

from typing import Any

from rest_framework import serializers

from qrtracking import errors
from qrtracking.api import wire
from qrtracking.api.answers import Success
from qrtracking.api.wire import Body
from qrtracking.selectors.available import Available
from qrtracking.services.reverse_jobs import check_excludes

USUAL_LIMIT = 1_000
HIGHEST_LIMIT = 10_000
NOT_FOUND_LISTED = 1_000


class CodesRequest(serializers.Serializer[Any]):
    """For the schema."""

    batch_id = serializers.UUIDField(required=False)
    order_id = serializers.UUIDField(required=False)
    exclude_codes = serializers.ListField(child=serializers.CharField(), required=False)
    limit = serializers.IntegerField(required=False, min_value=1, default=USUAL_LIMIT)
    after_sequence = serializers.IntegerField(required=False, min_value=0, allow_null=True)


class AvailableCode(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    code = serializers.CharField()
    sequence_number = serializers.IntegerField()
    product_code = serializers.CharField()
    product_name = serializers.CharField()
    variant_code = serializers.CharField()
    variant_name = serializers.CharField()
    status = serializers.CharField()


class AvailableCodes(serializers.ListField):
    """Ten thousand rows an answer: plain values are written, not a serializer for each."""

    def to_representation(self, data: Any) -> list[Any]:
        return [unit._asdict() | {"id": str(unit.id)} for unit in data]


class CodesSummary(serializers.Serializer[Available]):
    total_available_in_batch = serializers.IntegerField(source="total")
    excluded_count = serializers.IntegerField()
    returned_count = serializers.SerializerMethodField()

    def get_returned_count(self, available: Available) -> int:
        return len(available.units)


class CodesAnswer(Success):
    codes = AvailableCodes(source="units", child=AvailableCode())
    summary = CodesSummary(source="*")
    excluded_codes = serializers.ListField(child=serializers.CharField())
    not_found_exclusions = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Only when there are any."
    )
    next_after_sequence = serializers.SerializerMethodField(help_text="Null on the last page.")

    def get_next_after_sequence(self, available: Available) -> int | None:
        return available.units[-1].sequence_number if available.has_more else None

    def to_representation(self, instance: Available) -> dict[str, Any]:
        answer = super().to_representation(instance)
        if instance.not_found:
            answer["not_found_exclusions"] = instance.not_found[:NOT_FOUND_LISTED]
        return answer


def read_question(body: Body) -> dict[str, Any]:
    """The arguments of `list_available`, but for the user."""
    batch, order = body.get("batch_id"), body.get("order_id")
    if batch in (None, "") and order in (None, ""):
        raise errors.FieldMissing("Either batch_id or order_id is required")
    return {
        "batch_id": None if batch in (None, "") else wire.read_id(batch),
        "order_id": None if order in (None, "") else wire.read_id(order),
        "entries": check_excludes(body.get("exclude_codes", [])),
        "limit": _read_limit(body),
        "after_sequence": _read_after(body),
    }


def _read_limit(body: Body) -> int:
    limit = wire.read_integer(body, "limit", default=USUAL_LIMIT, wrong=wire.NO_COUNT)
    if limit < 1:
        raise errors.FieldInvalid(f"limit must be a whole number from 1 to {HIGHEST_LIMIT}")
    return min(limit, HIGHEST_LIMIT)


def _read_after(body: Body) -> int:
    after = wire.read_integer(body, "after_sequence", default=0, wrong=wire.NO_COUNT)
    if after < 0:
        raise errors.FieldInvalid("after_sequence must be a whole number, 0 or more")
    return after
