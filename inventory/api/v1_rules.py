"""What managers set, as it is sent and answered."""

from typing import Any

from rest_framework import serializers

from inventory.api.v1_serializers import Field, Moment, in_camel_case
from inventory.models import QueueSource, SkuRule, TacModel, Validation
from inventory.rules.sku import MATCHED
from inventory.services.schemas import check_schema

BIGGEST_POSITION = 2**31 - 1
MOST_RETRIES = 10


class RuleSerializer(serializers.ModelSerializer[Any]):
    id = serializers.IntegerField(read_only=True)
    created_at = Moment(read_only=True)
    updated_at = Moment(read_only=True)

    def get_fields(self) -> dict[str, Field]:
        return in_camel_case(super().get_fields())


class SourceSerializer(RuleSerializer):
    json_schema = serializers.JSONField(
        required=False,
        allow_null=True,
        help_text="Draft 2020-12, at most 64 KB, without references to other documents.",
    )
    validation = serializers.ChoiceField(
        choices=Validation.choices, required=False, allow_null=True
    )
    max_retries = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=MOST_RETRIES
    )

    class Meta:
        model = QueueSource
        fields = (
            "id",
            "name",
            "json_schema",
            "validation",
            "default_location",
            "max_retries",
            "is_active",
            "created_at",
            "updated_at",
        )

    def validate_jsonSchema(self, schema: Any) -> Any:  # noqa: N802 - found by the field's name
        if schema is not None:
            check_schema(schema)
        return schema


class SkuRuleSerializer(RuleSerializer):
    position = serializers.IntegerField(
        min_value=0,
        max_value=BIGGEST_POSITION,
        help_text="The rule with the lowest number that fits gives the SKU.",
    )

    class Meta:
        model = SkuRule
        fields = (
            "id",
            "position",
            *(f"match_{name}" for name in MATCHED),
            "sku",
            "is_active",
            "created_at",
            "updated_at",
        )


class TacModelSerializer(RuleSerializer):
    tac = serializers.RegexField("^[0-9]{8}$", help_text="The first eight digits of the IMEI.")
    device_count = serializers.IntegerField(read_only=True)
    confirmed = serializers.BooleanField(
        default=True, help_text="What devices say later does not change it."
    )

    class Meta:
        model = TacModel
        fields = (
            "id",
            "tac",
            "brand",
            "model",
            "confirmed",
            "device_count",
            "created_at",
            "updated_at",
        )
