"""The query of the job list: allow-listed, and each wrong value a 400 that names its field."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Any
from uuid import UUID

from rest_framework import serializers

from jobs.selectors import JobFilter, Position, list_job_types
from jobs.states import State

DEFAULT_LIMIT = 25
MAX_LIMIT = 100


class CursorField(serializers.CharField):
    """An opaque place in the list, as `next` and `previous` carry it."""

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        try:
            return _decode_cursor(text)
        except ValueError:
            raise serializers.ValidationError("Invalid cursor", code="invalid_cursor") from None


def _decode_cursor(text: str) -> Position:
    direction, moment, key = urlsafe_b64decode(text.encode()).decode().split("|")
    created_at = datetime.fromisoformat(moment)
    if direction not in {"f", "b"} or created_at.tzinfo is None:
        raise ValueError(text)
    return Position(created_at, UUID(key), is_backward=direction == "b")


def encode_cursor(position: Position) -> str:
    direction = "b" if position.is_backward else "f"
    text = f"{direction}|{position.created_at.isoformat()}|{position.id}"
    return urlsafe_b64encode(text.encode()).decode()


class ListOf(serializers.ListField):
    """`a,b` and `?x=a&x=b` alike."""

    def get_value(self, dictionary: Any) -> Any:
        values = dictionary.getlist(self.field_name)
        words = [word.strip() for value in values for word in value.split(",")]
        return [word for word in words if word] or serializers.empty


class JobQuerySerializer(serializers.Serializer[Any]):
    type = ListOf(child=serializers.CharField(max_length=100), required=False)
    state = ListOf(child=serializers.ChoiceField(choices=list(State)), required=False)
    organization = serializers.UUIDField(required=False)
    created_from = serializers.DateTimeField(required=False)
    created_before = serializers.DateTimeField(required=False)
    limit = serializers.IntegerField(min_value=1, max_value=MAX_LIMIT, default=DEFAULT_LIMIT)
    cursor = CursorField(required=False)

    def validate_type(self, names: list[str]) -> list[str]:
        unknown = sorted(set(names) - set(list_job_types()))
        if unknown:
            raise serializers.ValidationError(f"Unknown type: {unknown[0]}", code="unknown_type")
        return names

    @property
    def job_filter(self) -> JobFilter:
        data = self.validated_data
        return JobFilter(
            types=frozenset(data.get("type", [])),
            states=frozenset(State(word) for word in data.get("state", [])),
            organization_id=data.get("organization"),
            created_from=data.get("created_from"),
            created_before=data.get("created_before"),
        )
