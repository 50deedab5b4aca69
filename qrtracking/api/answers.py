"""What the endpoints of the fixed contract answer, name by name."""

from typing import Any

from rest_framework import serializers

from qrtracking.models import ReverseJob
from qrtracking.services.linking import LinkResult


class SubmitRequest(serializers.Serializer[Any]):
    """For the schema: `qrtracking.api.wire` reads the body, in the contract's order of checks."""

    batch_id = serializers.UUIDField()
    order_id = serializers.UUIDField()
    manufacturer_org_id = serializers.UUIDField()
    exclude_codes = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Codes, addresses, numbers, ranges such as 15-20; a text may hold many.",
    )
    filter_variant_id = serializers.UUIDField(required=False, allow_null=True)
    filter_case_numbers = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, allow_null=True
    )
    priority = serializers.IntegerField(required=False, min_value=1, max_value=10, default=5)
    notify_email = serializers.BooleanField(required=False, default=True)
    label = serializers.CharField(  # type: ignore[assignment] # a field's own attribute
        required=False, max_length=200
    )
    process_now = serializers.BooleanField(required=False, default=False)


class LinkRequest(serializers.Serializer[Any]):
    """For the schema, like SubmitRequest."""

    batch_id = serializers.UUIDField()
    order_id = serializers.UUIDField()
    master_code = serializers.CharField(help_text="The label's text or address, or CASE:42.")
    manufacturer_org_id = serializers.UUIDField()
    user_id = serializers.CharField(required=False, help_text="Ignored.")
    target_units = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=100_000
    )
    same_case = serializers.BooleanField(required=False, default=False)


class Success(serializers.Serializer[Any]):
    success = serializers.BooleanField(default=True, read_only=True)


class SubmitAnswer(Success):
    job_id = serializers.UUIDField(source="pk")
    status = serializers.CharField()
    exclude_count = serializers.SerializerMethodField()
    message = serializers.SerializerMethodField()
    result = serializers.JSONField(
        source="result_summary", required=False, help_text="With process_now only."
    )

    def get_exclude_count(self, job: ReverseJob) -> int:
        return len(job.exclude_codes)

    def get_message(self, job: ReverseJob) -> str:
        return f"Job created with {len(job.exclude_codes)} codes to exclude"

    def to_representation(self, instance: ReverseJob) -> dict[str, Any]:
        answer = super().to_representation(instance)
        if not instance.process_now:
            del answer["result"]
        return answer


class StatusAnswer(Success, serializers.ModelSerializer[ReverseJob]):
    job_id = serializers.UUIDField(source="pk")
    error_code = serializers.SerializerMethodField()
    batch_id = serializers.UUIDField()
    order_id = serializers.UUIDField()
    can_cancel = serializers.BooleanField()
    can_retry = serializers.BooleanField()

    class Meta:
        model = ReverseJob
        fields = (
            "success",
            "job_id",
            "status",
            "progress",
            "prepared_count",
            "remaining_to_prepare",
            "total_available_in_batch",
            "result_summary",
            "error_message",
            "created_at",
            "updated_at",
            "error_code",
            "attempts",
            "batch_id",
            "order_id",
            "started_at",
            "completed_at",
            "can_cancel",
            "can_retry",
        )

    def get_error_code(self, job: ReverseJob) -> str | None:
        return job.error_code or None


class MasterCodeInfo(serializers.Serializer[LinkResult]):
    master_code = serializers.CharField(source="case.master_code")
    case_number = serializers.IntegerField(source="case.case_number")
    expected_units = serializers.IntegerField(source="case.expected_unit_count")
    actual_units = serializers.IntegerField(source="case.actual_unit_count")
    id = serializers.UUIDField(source="case.pk")
    status = serializers.CharField(source="case.status")
    remaining_capacity = serializers.IntegerField()
    is_complete = serializers.BooleanField()
    variant_name = serializers.CharField()


class LinkAnswer(Success):
    master_code_info = MasterCodeInfo(source="*")
    linked_codes = serializers.ListField(child=serializers.CharField())
    linked_count = serializers.IntegerField()
    consumed_count = serializers.IntegerField()
    from_queue = serializers.BooleanField(default=True, read_only=True)
    skipped_variant_codes = serializers.ListField(child=serializers.CharField())
    unused_codes = serializers.ListField(child=serializers.CharField())
    target_units = serializers.IntegerField()
    event_id = serializers.UUIDField()
    message = serializers.CharField()


class WorkerInfo(serializers.Serializer[Any]):
    worker = serializers.CharField()
    version = serializers.CharField()
    status = serializers.CharField()
    info = serializers.CharField()


class WorkerAnswer(Success):
    """For the schema: which of these are there depends on how the run ended."""

    job_id = serializers.UUIDField(required=False)
    status = serializers.CharField(required=False)
    result = serializers.JSONField(required=False)
    progress = serializers.IntegerField(required=False)
    retry_at = serializers.DateTimeField(required=False)
    message = serializers.CharField(required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`continue` is a word of Python, so the name is given here."""
        return super().get_fields() | {"continue": serializers.BooleanField(required=False)}


class WorkerFailure(serializers.Serializer[Any]):
    """For the schema: the job has failed for good."""

    success = serializers.BooleanField(default=False, read_only=True)
    job_id = serializers.UUIDField()
    error = serializers.CharField()
    code = serializers.CharField()
