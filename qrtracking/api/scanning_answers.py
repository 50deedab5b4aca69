"""What a scan page is told by `/api/v1/qr/`."""

from typing import Any

from rest_framework import serializers

from qrtracking.models import MasterCode, UnitCode
from qrtracking.rules.scan_words import ScanAnswer
from qrtracking.services.scanning import ScanResult
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
