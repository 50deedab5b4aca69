"""What clients send and get of label sheets."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from jobs.api.serializers import JobSerializer
from qrtracking.models import LabelKind, LabelLayout, LabelSheet
from qrtracking.services.label_sheets import MOST_COPIES

LARGEST_NUMBER = 2**31 - 1


class LabelSheetSerializer(JobSerializer):
    batch_id = serializers.UUIDField()
    order_id = serializers.UUIDField()
    order_no = serializers.CharField(source="order.order_no")
    kind = serializers.ChoiceField(choices=LabelKind.choices)
    layout = serializers.ChoiceField(choices=LabelLayout.choices)
    copies = serializers.IntegerField(help_text="Stickers of each case.")
    printer_id = serializers.UUIDField(allow_null=True)
    label_count = serializers.IntegerField()
    page_count = serializers.IntegerField()
    verified_count = serializers.IntegerField(help_text="Pages drawn and read back.")
    file_size = serializers.IntegerField(allow_null=True, help_text="Bytes.")
    file_url = serializers.SerializerMethodField()
    printed_at = serializers.DateTimeField(allow_null=True)
    downloaded_at = serializers.DateTimeField(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        # `from` is no name that Python takes for a field.
        return super().get_fields() | {
            "from": serializers.IntegerField(source="from_number"),
            "to": serializers.IntegerField(source="to_number"),
        }

    @extend_schema_field(
        serializers.CharField(allow_null=True, help_text="Null until it is ready.")
    )
    def get_file_url(self, sheet: LabelSheet) -> str | None:
        return reverse("qrtracking:label-sheet-file", args=[sheet.pk]) if sheet.is_ready else None


class LabelPrinterSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    host = serializers.CharField()
    port = serializers.IntegerField()
    dots_per_inch = serializers.IntegerField()
    is_active = serializers.BooleanField()


class NewLabelSheetSerializer(serializers.Serializer[Any]):
    batch_id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=LabelKind.choices)
    layout = serializers.ChoiceField(choices=LabelLayout.choices, default=LabelLayout.A4_65)
    copies = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MOST_COPIES,
        help_text="Of each case's label. Omitted: one and the extra ones of the order.",
    )
    printer_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="With the layout zpl: sent to this printer."
    )

    def get_fields(self) -> dict[str, Any]:
        limits: dict[str, Any] = {"min_value": 1, "max_value": LARGEST_NUMBER}
        return super().get_fields() | {
            "from": serializers.IntegerField(source="from_number", **limits),
            "to": serializers.IntegerField(source="to_number", **limits),
        }
