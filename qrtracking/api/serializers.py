from typing import Any

from rest_framework import serializers

from jobs.api.serializers import JobSerializer
from jobs.models.job import HIGH, LOW
from qrtracking.api.wire import LONGEST_LABEL
from qrtracking.models import MasterCode, Order, OrderStatus, PreparedCode, UnitCode
from qrtracking.models.constraints import DEFAULT_BUFFER_PERCENT
from qrtracking.services.orders import MAX_ORDER_NO_LENGTH, MAX_QUANTITY

MAX_ITEMS = 500
MAX_CASE_SIZE = 100_000


class ReverseJobSerializer(JobSerializer):
    batch_id = serializers.UUIDField()
    order_id = serializers.UUIDField()
    label = serializers.CharField()  # type: ignore[assignment] # a field's own attribute
    filter_variant_id = serializers.UUIDField(allow_null=True)
    filter_case_numbers = serializers.ListField(child=serializers.IntegerField(), allow_null=True)
    process_now = serializers.BooleanField()
    notify_email = serializers.BooleanField()
    total_available_in_batch = serializers.IntegerField(allow_null=True)
    remaining_to_prepare = serializers.IntegerField(allow_null=True)
    prepared_count = serializers.IntegerField()
    duplicate_count = serializers.IntegerField()
    invalid_count = serializers.IntegerField()
    excluded_matched_count = serializers.IntegerField()
    invalidated_count = serializers.IntegerField()


class ReverseJobChangeSerializer(serializers.Serializer[Any]):
    priority = serializers.IntegerField(required=False, min_value=HIGH, max_value=LOW)
    label = serializers.CharField(  # type: ignore[assignment] # as above
        required=False, allow_blank=True, max_length=LONGEST_LABEL
    )


class OrderItemSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    product_id = serializers.UUIDField()
    product_code = serializers.CharField(source="product.product_code")
    variant_id = serializers.UUIDField()
    variant_code = serializers.CharField(source="variant.variant_code")
    qty = serializers.IntegerField()
    units_per_case = serializers.IntegerField(allow_null=True)


class OrderSerializer(serializers.ModelSerializer[Order]):
    buyer_org_id = serializers.UUIDField(allow_null=True)
    seller_org_id = serializers.UUIDField()
    warehouse_org_id = serializers.UUIDField(allow_null=True)
    batch_id = serializers.UUIDField(source="batch.pk", allow_null=True, default=None)
    items = OrderItemSerializer(many=True)

    class Meta:
        model = Order
        fields = (
            "id",
            "order_no",
            "display_doc_no",
            "status",
            "buyer_org_id",
            "seller_org_id",
            "warehouse_org_id",
            "units_per_case",
            "qr_buffer_percent",
            "extra_qr_master",
            "batch_id",
            "items",
            "created_at",
            "updated_at",
        )


class NewOrderItemSerializer(serializers.Serializer[Any]):
    variant_id = serializers.UUIDField()
    qty = serializers.IntegerField(min_value=1, max_value=MAX_QUANTITY)
    units_per_case = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=MAX_CASE_SIZE
    )


class NewOrderSerializer(serializers.Serializer[Any]):
    order_no = serializers.CharField(
        required=False, max_length=MAX_ORDER_NO_LENGTH, help_text="Omitted: the month's next one."
    )
    display_doc_no = serializers.CharField(required=False, max_length=60)
    status = serializers.ChoiceField(
        choices=[OrderStatus.DRAFT, OrderStatus.SUBMITTED, OrderStatus.APPROVED],
        default=OrderStatus.APPROVED,
    )
    buyer_org_id = serializers.UUIDField(required=False, allow_null=True)
    warehouse_org_id = serializers.UUIDField(required=False, allow_null=True)
    units_per_case = serializers.IntegerField(default=100, min_value=1, max_value=MAX_CASE_SIZE)
    qr_buffer_percent = serializers.DecimalField(
        max_digits=5, decimal_places=2, default=DEFAULT_BUFFER_PERCENT, min_value=0, max_value=100
    )
    extra_qr_master = serializers.IntegerField(default=0, min_value=0, max_value=10)
    items = serializers.ListField(
        child=NewOrderItemSerializer(), allow_empty=False, max_length=MAX_ITEMS
    )


class BatchSerializer(JobSerializer):
    batch_code = serializers.CharField()
    order_id = serializers.UUIDField()
    order_no = serializers.CharField(source="order.order_no")
    total_master_codes = serializers.IntegerField(help_text="Cases.")
    total_unique_codes = serializers.IntegerField(help_text="Units with spares.")
    planned_unique_codes = serializers.IntegerField(help_text="Units without spares.")
    spare_count = serializers.IntegerField()
    buffer_percent = serializers.DecimalField(max_digits=5, decimal_places=2)
    use_item_case_sizes = serializers.BooleanField()
    production_completed_at = serializers.DateTimeField(allow_null=True)


class NewBatchSerializer(serializers.Serializer[Any]):
    order_id = serializers.UUIDField()
    spare_percent = serializers.DecimalField(
        max_digits=5,
        decimal_places=2,
        required=False,
        allow_null=True,
        default=None,
        min_value=0,
        max_value=100,
        help_text="Omitted: as the order says.",
    )
    use_item_case_sizes = serializers.BooleanField(default=False)


class CaseSerializer(serializers.ModelSerializer[MasterCode]):
    batch_id = serializers.UUIDField()
    order_id = serializers.UUIDField()
    warehouse_org_id = serializers.UUIDField(allow_null=True)
    variant_code = serializers.CharField(
        source="planned_variant.variant_code", allow_null=True, default=None
    )
    remaining_capacity = serializers.IntegerField()
    is_full = serializers.BooleanField()

    class Meta:
        model = MasterCode
        fields = (
            "id",
            "batch_id",
            "order_id",
            "case_number",
            "master_code",
            "status",
            "planned_unit_count",
            "expected_unit_count",
            "actual_unit_count",
            "remaining_capacity",
            "is_full",
            "is_mixed",
            "variant_code",
            "short_reason",
            "sscc",
            "warehouse_org_id",
            "manufacturer_scanned_at",
            "warehouse_received_at",
        )


class UnitSerializer(serializers.ModelSerializer[UnitCode]):
    batch_id = serializers.UUIDField()
    order_id = serializers.UUIDField()
    variant_id = serializers.UUIDField()
    last_scanned_by_id = serializers.UUIDField(allow_null=True)
    product_code = serializers.CharField(source="product.product_code")
    variant_code = serializers.CharField(source="variant.variant_code")
    case_id = serializers.UUIDField(
        source="master_code_id", allow_null=True, help_text="The case that the unit lies in."
    )
    case_number = serializers.IntegerField(
        source="master_code.case_number", allow_null=True, default=None
    )

    class Meta:
        model = UnitCode
        fields = (
            "id",
            "batch_id",
            "order_id",
            "code",
            "sequence_number",
            "product_code",
            "variant_id",
            "variant_code",
            "status",
            "is_buffer",
            "planned_case_number",
            "case_id",
            "case_number",
            "replaces_sequence_no",
            "last_scanned_at",
            "last_scanned_by_id",
        )


class PreparedCodeSerializer(serializers.ModelSerializer[PreparedCode]):
    unit_id = serializers.UUIDField()
    variant_code = serializers.CharField(source="variant.variant_code")
    case_number = serializers.IntegerField(
        source="master_code.case_number",
        allow_null=True,
        default=None,
        help_text="The case that took the unit.",
    )
    prepared_at = serializers.DateTimeField(source="created_at")

    class Meta:
        model = PreparedCode
        fields = (
            "sequence_number",
            "code",
            "unit_id",
            "variant_code",
            "planned_case_number",
            "status",
            "invalid_reason",
            "case_number",
            "prepared_at",
            "consumed_at",
        )


class QueueSerializer(serializers.Serializer[Any]):
    ready = serializers.IntegerField(help_text="Counted up to 10,000.")
    ready_capped = serializers.BooleanField()
    next_sequence = serializers.IntegerField(allow_null=True)
    by_variant = serializers.DictField(child=serializers.IntegerField())
