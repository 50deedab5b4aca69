"""How imports of files look, and what is asked of them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from inventory.api.v1_serializers import CamelCase, Moment
from inventory.selectors.imports import Preview


class _Options(CamelCase):
    """A form has texts only: what they mean is checked where they are used."""

    location = serializers.CharField(
        required=False, allow_blank=True, help_text="For rows that name none."
    )
    priority = serializers.IntegerField(required=False, allow_null=True, help_text="1 to 10")
    validation = serializers.CharField(required=False, allow_blank=True, help_text="warn, strict")
    source = serializers.CharField(required=False, allow_blank=True)  # type: ignore[assignment] # a field's own attribute
    scheduled_at = serializers.CharField(required=False, allow_blank=True)
    confirmed = serializers.BooleanField(
        required=False, default=False, help_text="Also when the same file was queued lately."
    )


class PasteRequest(_Options):
    text = serializers.CharField(trim_whitespace=False, help_text="IMEIs, a table or JSON.")


class FileRequest(_Options):
    file = serializers.FileField(allow_empty_file=True, max_length=1_000)


class MappingRequest(CamelCase):
    """A mapping, or the answer to the question of the import."""

    mapping = serializers.DictField(
        child=serializers.CharField(allow_blank=True),
        required=False,
        help_text='Column to field; "" keeps a column without a field, "ignore" drops it.',
    )
    sheet = serializers.CharField(required=False)
    header_line = serializers.IntegerField(required=False, help_text="0: no header.")
    imei_column = serializers.IntegerField(required=False, help_text="Counted from 0.")


class QueueImportRequest(CamelCase):
    confirmed = serializers.BooleanField(required=False, default=False)


class _LineSerializer(CamelCase):
    line = serializers.IntegerField()
    cells = serializers.ListField(child=serializers.CharField(allow_blank=True))


class QuestionSerializer(CamelCase):
    kind = serializers.CharField(help_text="sheet or header")
    sheets = serializers.ListField(child=serializers.CharField())
    rows = serializers.SerializerMethodField()

    @extend_schema_field(_LineSerializer(many=True))
    def get_rows(self, question: Any) -> list[dict[str, Any]]:
        return [{"line": line, "cells": list(cells)} for line, cells in question.rows]


class ColumnSerializer(CamelCase):
    column = serializers.CharField(source="key")
    field = serializers.CharField(allow_blank=True)
    guess = serializers.CharField(allow_blank=True)
    samples = serializers.ListField(child=serializers.CharField())


class CountsSerializer(CamelCase):
    rows = serializers.IntegerField()
    new = serializers.IntegerField()
    update = serializers.IntegerField()  # type: ignore[assignment] # a method of serializers
    duplicate = serializers.IntegerField()
    invalid = serializers.IntegerField()
    queueable = serializers.IntegerField()
    # Codes are words of the contract, not keys of ours.
    warnings = serializers.DictField(child=serializers.IntegerField())
    errors = serializers.SerializerMethodField(method_name="get_error_counts")  # type: ignore[assignment] # a property of serializers

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_error_counts(self, counts: Any) -> dict[str, int]:
        return dict(counts.errors)


class ImportSerializer(CamelCase):
    """Of a `Preview`."""

    id = serializers.UUIDField(source="queue_import.pk")
    status = serializers.CharField(source="queue_import.status")
    progress = serializers.IntegerField(source="queue_import.progress", help_text="Per cent.")
    file_name = serializers.CharField(source="queue_import.file_name")
    file_size = serializers.IntegerField(source="queue_import.file_size")
    format = serializers.CharField(source="queue_import.format")
    source = serializers.CharField(source="queue_import.options.source")  # type: ignore[assignment] # a field's own attribute
    location = serializers.CharField(source="queue_import.options.location", allow_null=True)
    priority = serializers.IntegerField(source="queue_import.options.priority")
    validation = serializers.CharField(source="queue_import.options.validation", allow_null=True)
    scheduled_at = serializers.CharField(
        source="queue_import.options.scheduled_at", allow_null=True
    )
    question = QuestionSerializer(allow_null=True)
    columns = ColumnSerializer(many=True)
    counts = serializers.SerializerMethodField()
    can_queue = serializers.BooleanField()
    batch_id = serializers.CharField(source="queue_import.batch_id", allow_null=True)
    error_code = serializers.CharField(source="queue_import.error_code")
    error_message = serializers.CharField(source="queue_import.error_message", allow_null=True)
    created_at = Moment(source="queue_import.created_at")
    updated_at = Moment(source="queue_import.updated_at")

    @extend_schema_field(CountsSerializer(allow_null=True, help_text="Null until it is judged."))
    def get_counts(self, preview: Preview) -> Any:
        return CountsSerializer(preview.counts).data if preview.is_judged else None


class QueuedSerializer(CamelCase):
    batch_id = serializers.CharField()
    added = serializers.IntegerField()
    is_stopped = serializers.BooleanField(help_text="The queue is stopped: nothing begins yet.")
    starts_at = Moment(allow_null=True, help_text="Null: at once.")
