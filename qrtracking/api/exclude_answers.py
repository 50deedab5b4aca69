"""What excludes mean, entry by entry."""

from typing import Any

from rest_framework import serializers

from qrtracking import errors
from qrtracking.api.wire import Body
from qrtracking.selectors.excludes import ExcludeLine, ExcludeOutcome, Preview

ENTRIES_LISTED = 1_000


class ResolveRequest(serializers.Serializer[Any]):
    """For the schema."""

    batch_id = serializers.UUIDField()
    text = serializers.CharField(help_text="As pasted: codes, addresses, numbers, ranges.")
    filter_variant_id = serializers.UUIDField(required=False, allow_null=True)
    filter_case_numbers = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, allow_null=True
    )


class ExcludeSerializer(serializers.Serializer[ExcludeLine]):
    entry = serializers.CharField(help_text="As it was typed.")
    outcome = serializers.ChoiceField(
        choices=list(ExcludeOutcome),
        source="judgement.outcome",
        help_text="Of a range, the first of these that one of its units has.",
    )
    unit_count = serializers.IntegerField(source="judgement.unit_count")
    matched_count = serializers.IntegerField(source="judgement.matched_count")
    already_packed_count = serializers.IntegerField(source="judgement.already_packed_count")
    not_needed_count = serializers.IntegerField(source="judgement.not_needed_count")
    first_sequence = serializers.IntegerField(source="judgement.first_sequence", allow_null=True)
    last_sequence = serializers.IntegerField(source="judgement.last_sequence", allow_null=True)
    case_number = serializers.IntegerField(
        source="judgement.case_number",
        allow_null=True,
        help_text="The case of the unit, or of the first one of a range, that is packed already.",
    )


class ResolveAnswer(serializers.Serializer[Preview]):
    """The counts of units take each unit once, however many entries name it."""

    entry_count = serializers.IntegerField()
    judged_count = serializers.IntegerField(help_text="Entries that were looked up.")
    is_complete = serializers.BooleanField(help_text="Whether these are all of them.")
    not_found_count = serializers.IntegerField(help_text="Entries.")
    unit_count = serializers.IntegerField(source="total.unit_count")
    matched_count = serializers.IntegerField(source="total.matched_count")
    already_packed_count = serializers.IntegerField(source="total.already_packed_count")
    not_needed_count = serializers.IntegerField(source="total.not_needed_count")
    entries = serializers.SerializerMethodField(help_text="The first 1,000.")

    def get_entries(self, preview: Preview) -> list[dict[str, Any]]:
        shown: Any = preview.lines[:ENTRIES_LISTED]
        return [dict(row) for row in ExcludeSerializer(shown, many=True).data]


def read_text(body: Body) -> str:
    """Raises MissingFields or FieldInvalid; an empty text is one without entries."""
    if "text" not in body:
        raise errors.MissingFields(["batch_id", "text"])
    text = body["text"]
    if not isinstance(text, str):
        raise errors.FieldInvalid("text must be a string")
    return text
