"""What the packing endpoints of the fixed contract answer, name by name."""

from typing import Any

from rest_framework import serializers

from qrtracking.api.answers import Success
from qrtracking.rules.buckets import Bucket
from qrtracking.services.completing import Completion
from qrtracking.services.packing import PackResult
from qrtracking.services.perfecting import PerfectResult

# A longer list of unknown codes is only counted.
CODES_LISTED = 10


class PackRequest(serializers.Serializer[Any]):
    """For the schema: `qrtracking.api.packing_wire` reads the body."""

    master_code = serializers.CharField()
    unique_codes = serializers.ListField(child=serializers.CharField(), max_length=5000)
    manufacturer_org_id = serializers.UUIDField(required=False)
    skip_case_validation = serializers.BooleanField(required=False, default=False)


class PerfectRequest(serializers.Serializer[Any]):
    """For the schema."""

    master_code = serializers.CharField()
    manufacturer_org_id = serializers.UUIDField(required=False)
    order_id = serializers.UUIDField(required=False)
    force = serializers.BooleanField(required=False, default=False)


class CheckRequest(serializers.Serializer[Any]):
    """For the schema."""

    master_codes = serializers.ListField(child=serializers.CharField(), max_length=2000)


class UnlinkRequest(serializers.Serializer[Any]):
    """For the schema."""

    master_code_id = serializers.UUIDField()
    reason = serializers.CharField(required=False, max_length=500)


class CompleteRequest(serializers.Serializer[Any]):
    """For the schema."""

    batch_id = serializers.UUIDField()
    allow_incomplete = serializers.BooleanField(required=False, default=False)
    reason = serializers.CharField(required=False, max_length=500)


class OrderInfo(serializers.Serializer[Any]):
    order_id = serializers.UUIDField(source="pk")
    order_no = serializers.CharField()
    buyer_org_id = serializers.UUIDField(allow_null=True)
    seller_org_id = serializers.UUIDField()
    warehouse_org_id = serializers.UUIDField(allow_null=True)
    company_id = serializers.UUIDField(source="organization_id")


class PackedCase(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="case.pk")
    master_code = serializers.CharField(source="case.master_code")
    case_number = serializers.IntegerField(source="case.case_number")
    expected_units = serializers.IntegerField(source="case.expected_unit_count")
    actual_units = serializers.IntegerField(source="case.actual_unit_count")
    linked_this_session = serializers.IntegerField(source="linked_count")
    is_complete = serializers.BooleanField(source="case.is_full")
    variant_name = serializers.CharField()
    warehouse_org_id = serializers.UUIDField(source="case.warehouse_org_id", allow_null=True)


class PerfectedCase(PackedCase):
    status = serializers.CharField(source="case.status")


class CaseInfo(serializers.Serializer[Any]):
    case_number = serializers.IntegerField(source="case.case_number")
    is_mixed_case = serializers.BooleanField(source="case.is_mixed")
    unique_products = serializers.IntegerField(source="variant_count")


class Performance(serializers.Serializer[Any]):
    processing_time_ms = serializers.IntegerField()
    codes_per_second = serializers.IntegerField()


class Timed(Success):
    """The context has `milliseconds`, the time that the work took."""

    performance = serializers.SerializerMethodField()

    def get_performance(self, result: PackResult | PerfectResult) -> dict[str, int]:
        milliseconds = max(round(self.context["milliseconds"]), 1)
        return {
            "processing_time_ms": milliseconds,
            "codes_per_second": result.linked_count * 1000 // milliseconds,
        }


class PackAnswer(Timed):
    """What was filtered out is told only when something was."""

    linked_count = serializers.IntegerField()
    remaining_capacity = serializers.IntegerField()
    master_code_info = PackedCase(source="*")
    linked_codes = serializers.ListField(child=serializers.CharField())
    unused_codes = serializers.ListField(child=serializers.CharField())
    order_info = OrderInfo(source="order")

    def to_representation(self, instance: PackResult) -> dict[str, Any]:
        answer = super().to_representation(instance)
        return answer | _skipped_variants(instance) | _filtered(instance)


class PerfectAnswer(Timed):
    message = serializers.CharField()
    linked_count = serializers.IntegerField()
    already_complete = serializers.BooleanField()
    master_code_info = PerfectedCase(source="*")
    case_info = CaseInfo(source="*")
    order_info = OrderInfo(source="order")

    def to_representation(self, instance: PerfectResult) -> dict[str, Any]:
        answer = super().to_representation(instance)
        if not instance.already_complete:
            del answer["already_complete"]
        return answer


class CheckAnswer(Success):
    total_checked = serializers.IntegerField()
    already_complete = serializers.ListField(child=serializers.CharField())
    not_found = serializers.ListField(child=serializers.CharField())
    available = serializers.ListField(child=serializers.CharField())


class UnlinkAnswer(Success):
    message = serializers.CharField()
    unlinked_count = serializers.IntegerField()
    master_case_number = serializers.IntegerField(source="case.case_number")


class CompleteAnswer(Success):
    message = serializers.SerializerMethodField()
    batchId = serializers.UUIDField(source="batch.pk")  # noqa: N815 (a name of the contract)
    order_no = serializers.CharField(source="order.order_no")
    warehouseOrgId = serializers.UUIDField(source="destination_id")  # noqa: N815 (as above)
    casesUpdated = serializers.IntegerField(source="cases_updated")  # noqa: N815 (as above)
    total_master_codes = serializers.IntegerField(source="total_cases")
    packed_master_codes = serializers.IntegerField(source="packed_cases")
    progress_percentage = serializers.IntegerField()
    production_completed_at = serializers.DateTimeField(source="completed_at")
    balance_payment_created = serializers.BooleanField(default=False, read_only=True)
    # No payments are made here; the contract has the name.
    balance_document_no = serializers.CharField(default=None, allow_null=True, read_only=True)

    def get_message(self, completion: Completion) -> str:
        return "Production completed successfully. Batch is now ready for warehouse shipment."


def _skipped_variants(result: PackResult) -> dict[str, Any]:
    codes = result.filtered_codes(Bucket.WRONG_VARIANT)
    if not codes:
        return {}
    return {
        "skipped_variant_codes": codes,
        "skipped_variant_count": len(codes),
        "skipped_variant_summary": result.skipped_variants,
        "variant_filter_applied": True,
        "target_variant": result.target_variant,
    }


def _filtered(result: PackResult) -> dict[str, Any]:
    buckets = result.buckets
    if not buckets.filtered_count:
        return {}
    return {
        "filtering_summary": buckets.summary,
        "filtered_codes_detail": _detail(result),
        "processing_note": buckets.note,
    }


def _detail(result: PackResult) -> dict[str, Any]:
    buckets = result.buckets
    unknown = result.filtered_codes(Bucket.NOT_FOUND)
    batches = [str(unit.batch_id) for unit in buckets.filtered[Bucket.WRONG_BATCH]]
    return {
        "not_found_codes": unknown if len(unknown) <= CODES_LISTED else f"{len(unknown)} codes",
        "already_linked_count": buckets.count(Bucket.ALREADY_LINKED),
        "wrong_batch_summary": {batch: batches.count(batch) for batch in sorted(set(batches))},
        "wrong_variant_count": buckets.count(Bucket.WRONG_VARIANT),
        "wrong_sequence_count": buckets.count(Bucket.WRONG_SEQUENCE),
    }
