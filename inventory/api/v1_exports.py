"""Exports as they are asked for and answered: their filters are those of the list of their kind."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.errors import UnknownFilter
from inventory.api.v1_devices import DeviceQuery
from inventory.api.v1_serializers import CamelCase, Moment

# As the lists call them, and as a job keeps them.
NAMES: Mapping[str, Mapping[str, str]] = {
    # A file is of what there is, not of what has changed.
    "devices": {
        wire: field.source or wire
        for wire, field in DeviceQuery().fields.items()
        if wire != "updatedAfter"
    },
    "items": {"status": "status", "batchId": "batch", "errorCode": "code"},
    "stock": {"warehouse": "warehouse"},
}
YES = "yes"


class ExportRequest(CamelCase):
    kind = serializers.CharField(help_text="devices, stock or items")
    format = serializers.CharField(required=False, default="xlsx", help_text="xlsx or csv")
    filters = serializers.DictField(
        child=serializers.JSONField(), required=False, help_text="As those of the list."
    )


class ExportSerializer(CamelCase):
    id = serializers.UUIDField()
    kind = serializers.CharField(source="options.kind")
    format = serializers.CharField(source="options.format")
    filters = serializers.SerializerMethodField()
    status = serializers.CharField()
    row_count = serializers.IntegerField()
    error_message = serializers.CharField(allow_null=True)
    created_at = Moment()
    completed_at = Moment(allow_null=True)
    expires_at = Moment(allow_null=True, help_text="Then the file is deleted.")
    download_url = serializers.SerializerMethodField(method_name="get_download_url")

    @extend_schema_field(serializers.DictField(child=serializers.JSONField()))
    def get_filters(self, job: Any) -> dict[str, Any]:
        kept = job.options.get("filters") or {}
        wire = {name: spoken for spoken, name in NAMES[job.options["kind"]].items()}
        return {
            wire.get(name, name): True if value == YES else value for name, value in kept.items()
        }

    @extend_schema_field(
        serializers.URLField(
            allow_null=True, help_text="Works without a token, for an hour; null until it is ready."
        )
    )
    def get_download_url(self, job: Any) -> str | None:
        url: str | None = self.context["download_url"]
        return url


def read_filters(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """As a job keeps them. Raises UnknownFilter, ValidationError; the service checks the rest."""
    names = NAMES.get(kind, {})
    for spoken in given:
        if spoken not in names:
            raise UnknownFilter(spoken)
    if kind != "devices":
        return {names[spoken]: value for spoken, value in given.items()}
    query = DeviceQuery(data=given)
    query.is_valid(raise_exception=True)
    return {
        name: YES if value is True else value
        for name, value in query.validated_data.items()
        if value not in (False, "")
    }
