"""What a scan page is told by `/api/v1/qr/`."""

from typing import Any

from rest_framework import serializers

from qrtracking.models import MasterCode, UnitCode
from qrtracking.rules.scan_words import ScanAnswer
from qrtracking.services.receiving import Receipt
from qrtracking.services.scanning import ScanResult
from qrtracking.services.spoiling import SpoilLine, SpoilOutcome
from qrtracking.services.undoing import Undone


class CaseAnswer(serializers.Serializer[MasterCode]):
    """A case as it is now."""

    id = serializers.UUIDField(source="pk")
    case_number = serializers.IntegerField()
    master_code = serializers.CharField()
    status = serializers.CharField()
    expected_units = serializers.IntegerField(source="expected_unit_count")
    actual_units = serializers.IntegerField(source="actual_unit_count")
    remaining_capacity = serializers.IntegerField()
    is_complete = serializers.BooleanField(source="is_full")


class ScannedUnit(serializers.Serializer[UnitCode]):
    id = serializers.UUIDField(source="pk")
    sequence_number = serializers.IntegerField()


class ScanAnswerSerializer(serializers.Serializer[ScanResult]):
    uuid = serializers.UUIDField(source="client_uuid")
    outcome = serializers.ChoiceField(choices=list(ScanAnswer))
    message = serializers.CharField()
    list_count = serializers.IntegerField(help_text="Units on the caller's list.")
    case = CaseAnswer(allow_null=True)
    unit = ScannedUnit(allow_null=True)
    event_id = serializers.UUIDField(allow_null=True, help_text="What an undo would take back.")
    is_repeat = serializers.BooleanField(help_text="Whether the answer is a stored one.")


class ScansAnswer(serializers.Serializer[Any]):
    results = ScanAnswerSerializer(many=True)


class UndoAnswer(serializers.Serializer[Undone]):
    message = serializers.CharField()
    unit_count = serializers.IntegerField()
    case = CaseAnswer(allow_null=True)
    event_id = serializers.UUIDField(allow_null=True)


class RefusedLabel(serializers.Serializer[Any]):
    master_code = serializers.CharField()
    reason = serializers.CharField()


class ReceiveAnswer(serializers.Serializer[Receipt]):
    received_count = serializers.SerializerMethodField()
    refused_count = serializers.SerializerMethodField()
    received = CaseAnswer(many=True)
    refused = RefusedLabel(many=True)

    def get_received_count(self, receipt: Receipt) -> int:
        return len(receipt.received)

    def get_refused_count(self, receipt: Receipt) -> int:
        return len(receipt.refused)


class ReplacementLine(serializers.Serializer[SpoilLine]):
    entry = serializers.CharField(help_text="As it was given; equal ones are one line.")
    outcome = serializers.ChoiceField(choices=list(SpoilOutcome))
    message = serializers.CharField()
    unit = ScannedUnit(allow_null=True)
    spare = ScannedUnit(allow_null=True)
    case_number = serializers.IntegerField(allow_null=True)


class ReplacementsAnswer(serializers.Serializer[Any]):
    replaced_count = serializers.SerializerMethodField()
    spoiled_count = serializers.SerializerMethodField()
    refused_count = serializers.SerializerMethodField()
    results = ReplacementLine(many=True)

    def get_replaced_count(self, answer: dict[str, list[SpoilLine]]) -> int:
        return _count(answer, SpoilOutcome.REPLACED)

    def get_spoiled_count(self, answer: dict[str, list[SpoilLine]]) -> int:
        """Without a spare: their case is short."""
        return _count(answer, SpoilOutcome.SPOILED)

    def get_refused_count(self, answer: dict[str, list[SpoilLine]]) -> int:
        return _count(answer, SpoilOutcome.REFUSED)


class PhotoAnswer(serializers.Serializer[Any]):
    codes = serializers.ListField(
        child=serializers.CharField(), help_text="The texts of all codes, by rows."
    )


def _count(answer: dict[str, list[SpoilLine]], outcome: SpoilOutcome) -> int:
    return sum(line.outcome is outcome for line in answer["results"])
