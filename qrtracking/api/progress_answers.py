"""What the reading endpoints of the fixed contract answer, name by name."""

from typing import Any

from rest_framework import serializers

from qrtracking.api.answers import Success
from qrtracking.models import MasterCode, UnitCode
from qrtracking.models.unit import OUTSIDE_CASES
from qrtracking.selectors.progress import BatchReport

UNKNOWN_BUYER = "Unknown"


class LatestScan(serializers.Serializer[Any]):
    last_scanned_at = serializers.DateTimeField()
    last_scanned_by = serializers.UUIDField(allow_null=True)


class CaseDetailAnswer(serializers.Serializer[Any]):
    """For the schema."""

    case_number = serializers.IntegerField()
    expected_units = serializers.IntegerField()
    actual_units = serializers.IntegerField()
    status = serializers.CharField()
    is_packed = serializers.BooleanField()
    percentage = serializers.IntegerField()


class BatchProgressAnswer(serializers.Serializer[BatchReport]):
    batch_id = serializers.UUIDField(source="batch.pk")
    batch_code = serializers.CharField(source="batch.batch_code")
    batch_status = serializers.CharField(source="batch.status")
    order_id = serializers.UUIDField(source="batch.order_id")
    order_no = serializers.CharField(source="batch.order.order_no")
    display_doc_no = serializers.SerializerMethodField()
    buyer_org_name = serializers.SerializerMethodField()
    total_master_codes = serializers.IntegerField(source="sums.cases")
    packed_master_codes = serializers.IntegerField(source="sums.packed")
    total_unique_codes = serializers.IntegerField(source="batch.planned_unique_codes")
    planned_unique_codes = serializers.IntegerField(source="batch.planned_unique_codes")
    total_unique_with_buffer = serializers.IntegerField(source="batch.total_unique_codes")
    packed_unique_codes = serializers.IntegerField(source="packed_units")
    actual_packed_unique_codes = serializers.IntegerField(source="sums.units")
    total_buffer_codes = serializers.IntegerField(source="batch.spare_count")
    used_buffer_codes = serializers.IntegerField(source="spares.used")
    available_buffer_codes = serializers.IntegerField(source="available_spares")
    master_progress_percentage = serializers.IntegerField(source="progress.master")
    unique_progress_percentage = serializers.IntegerField(source="progress.unique")
    overall_progress_percentage = serializers.IntegerField(source="progress.overall")
    warehouse_started = serializers.BooleanField()
    warehouse_received_cases = serializers.IntegerField(source="sums.received")
    is_complete = serializers.BooleanField(source="progress.is_complete")
    latest_scans = LatestScan(many=True)
    created_at = serializers.DateTimeField(source="batch.created_at")
    updated_at = serializers.DateTimeField(source="batch.updated_at")
    case_details = CaseDetailAnswer(many=True)
    packed_case_numbers = serializers.ListField(child=serializers.IntegerField())
    partial_case_numbers = serializers.ListField(child=serializers.IntegerField())
    empty_case_numbers = serializers.ListField(child=serializers.IntegerField())

    def get_display_doc_no(self, report: BatchReport) -> str:
        return report.batch.order.display_doc_no or ""

    def get_buyer_org_name(self, report: BatchReport) -> str:
        buyer = report.batch.order.buyer_org
        return buyer.name if buyer else UNKNOWN_BUYER

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Ten thousand cases a batch: plain values are written, not a serializer for each."""
        return super().get_fields() | {"case_details": CaseDetails(child=CaseDetailAnswer())}


class CaseDetails(serializers.ListField):
    def to_representation(self, data: Any) -> list[Any]:
        return [
            {
                "case_number": case.case_number,
                "expected_units": case.expected_units,
                "actual_units": case.actual_units,
                "status": case.status,
                "is_packed": case.is_packed,
                "percentage": case.percentage,
            }
            for case in data
        ]


class ProgressSummary(serializers.Serializer[Any]):
    total_orders = serializers.IntegerField(source="total_batches")
    total_batches = serializers.IntegerField()
    total_batches_shown = serializers.IntegerField(source="shown_batches")
    complete_batches = serializers.IntegerField()
    in_progress_batches = serializers.IntegerField()


class ProgressAnswer(Success):
    batches = BatchProgressAnswer(many=True)
    summary = ProgressSummary(source="*")


class ScannedCase(serializers.Serializer[MasterCode]):
    id = serializers.UUIDField(source="pk")
    master_code_id = serializers.UUIDField(source="pk")
    master_code = serializers.CharField()
    case_number = serializers.IntegerField()
    actual_unit_count = serializers.IntegerField()
    scanned_at = serializers.DateTimeField(source="manufacturer_scanned_at")
    batch_code = serializers.CharField(source="batch.batch_code")
    batch_id = serializers.UUIDField()
    order_id = serializers.UUIDField()
    order_no = serializers.CharField(source="batch.order.order_no")
    status = serializers.CharField()
    scanned_by = serializers.SerializerMethodField()

    def get_scanned_by(self, case: MasterCode) -> str | None:
        person = case.manufacturer_scanned_by
        return (person.get_full_name() or person.get_username()) if person else None


class HistoryAnswer(Success):
    count = serializers.IntegerField()
    history = ScannedCase(many=True)


class UnitQuestion(serializers.Serializer[Any]):
    """For the schema."""

    qr_code = serializers.CharField()


class ProductInfo(serializers.Serializer[UnitCode]):
    id = serializers.UUIDField(source="pk")
    code = serializers.CharField()
    product_code = serializers.CharField(source="product.product_code")
    product_name = serializers.CharField(source="product.product_name")
    variant_code = serializers.CharField(source="variant.variant_code")
    variant_name = serializers.CharField(source="variant.variant_name")
    order_no = serializers.CharField(source="batch.order.order_no")
    batch_code = serializers.CharField(source="batch.batch_code")
    batch_id = serializers.UUIDField()
    sequence_number = serializers.IntegerField()
    status = serializers.CharField()


class UnitAnswer(Success):
    already_scanned = serializers.SerializerMethodField()
    product_info = ProductInfo(source="*")
    case_number = serializers.IntegerField(
        source="master_code.case_number", allow_null=True, default=None
    )
    planned_case_number = serializers.IntegerField(allow_null=True)

    def get_already_scanned(self, unit: UnitCode) -> bool:
        return unit.master_code_id is not None or unit.status not in OUTSIDE_CASES
