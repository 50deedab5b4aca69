"""What the parts of `/api/v1/inventory` are made of: keys in camelCase, times in milliseconds."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from inventory.selectors.batches import as_text, progress_of

Field = serializers.Field[Any, Any, Any, Any]


class CamelCase(serializers.Serializer[Any]):
    """Fields are declared by the names that columns have, and spoken of in camelCase."""

    def get_fields(self) -> dict[str, Field]:
        return in_camel_case(super().get_fields())


def in_camel_case(fields: dict[str, Field]) -> dict[str, Field]:
    return dict(_renamed(name, field) for name, field in fields.items())


def camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _renamed(name: str, field: Field) -> tuple[str, Field]:
    wire_name = camel_case(name)
    if wire_name != name and field.source is None:
        field.source = name
    return wire_name, field


class Moment(serializers.DateTimeField):
    def to_representation(self, value: Any) -> str:
        return as_text(value) or ""


class QueueBatchSerializer(CamelCase):
    id = serializers.IntegerField()
    batch_id = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment] # a field's own attribute
    status = serializers.CharField()
    total_items = serializers.IntegerField()
    processed_items = serializers.IntegerField(help_text="Succeeded.")
    failed_items = serializers.IntegerField(help_text="Failed for good.")
    progress = serializers.SerializerMethodField()
    priority = serializers.IntegerField()
    undoable = serializers.BooleanField()
    created_by = serializers.CharField(source="created_by.username", default=None)
    scheduled_at = Moment(allow_null=True)
    started_at = Moment()
    completed_at = Moment(allow_null=True)
    undone_at = Moment(allow_null=True)
    created_at = Moment()
    updated_at = Moment()

    @extend_schema_field(serializers.FloatField(help_text="Per cent."))
    def get_progress(self, batch: Any) -> float:
        return progress_of(batch)


class CancelledSerializer(CamelCase):
    cancelled = serializers.IntegerField(help_text="Items that were pending.")


class UndoRequest(CamelCase):
    dry_run = serializers.BooleanField(required=False, default=False)


class UndoneSerializer(CamelCase):
    dry_run = serializers.BooleanField()
    deleted = serializers.IntegerField(help_text="Devices that the batch made.")
    restored = serializers.IntegerField(help_text="Devices that it changed.")
    left = serializers.IntegerField(help_text="Devices that were changed since.")
    changed_since = serializers.ListField(
        child=serializers.CharField(), help_text="Their first IMEIs."
    )
