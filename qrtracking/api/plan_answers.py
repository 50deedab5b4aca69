"""What clients send and get of packing plans."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from jobs.api.serializers import JobSerializer
from qrtracking.models import PackingPlan, PlanOutcome, PlanPhase, PlanSource
from qrtracking.selectors.plans import REFUSED_SHOWN, find_applied_twin, list_lines


class NewPlanSerializer(serializers.Serializer[Any]):
    """For the schema: the plan as a text."""

    batch_id = serializers.UUIDField()
    text = serializers.CharField(help_text="A line for each case: `master,unit,unit,...`")
    skip_case_validation = serializers.BooleanField(
        required=False, default=False, help_text="Take units planned for other cases as well."
    )


class NewPlanFileSerializer(serializers.Serializer[Any]):
    """For the schema: the plan as a file."""

    batch_id = serializers.UUIDField()
    file = serializers.FileField(help_text="CSV, TSV, text, XLSX, XLS or ODS of up to 16 MiB.")
    skip_case_validation = serializers.BooleanField(required=False, default=False)


class PackingPlanSerializer(JobSerializer):
    batch_id = serializers.UUIDField()
    order_id = serializers.UUIDField()
    order_no = serializers.CharField(source="order.order_no")
    source = serializers.ChoiceField(  # type: ignore[assignment] # a field's own attribute
        choices=PlanSource.choices
    )
    file_name = serializers.CharField()
    sha256 = serializers.CharField()
    phase = serializers.ChoiceField(choices=PlanPhase.choices)
    skip_case_validation = serializers.BooleanField()
    row_count = serializers.IntegerField(help_text="Rows of the file, without its header.")
    ready_count = serializers.IntegerField(help_text="Units that can be packed.")
    refused_count = serializers.IntegerField(help_text="Units that cannot be packed.")
    packed_count = serializers.IntegerField(help_text="Units that this plan has packed.")
    case_count = serializers.IntegerField(help_text="Cases that get units.")
    can_apply = serializers.BooleanField()
    applied_at = serializers.DateTimeField(allow_null=True)
    applied_by = serializers.UUIDField(source="applied_by_id", allow_null=True)


class RefusedRowSerializer(serializers.Serializer[Any]):
    row = serializers.IntegerField(source="row_no")
    master = serializers.CharField()
    unit = serializers.CharField()
    case_number = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField(help_text="A stable code.")
    detail = serializers.CharField(help_text="A case, row, order, variant or status it is about.")
    text = serializers.CharField()


class PackingPlanDetailSerializer(PackingPlanSerializer):
    already_applied_plan_id = serializers.SerializerMethodField(
        help_text="Another plan of the batch with the same content that has packed units."
    )
    refused_rows = serializers.SerializerMethodField(help_text="The first 100.")

    def get_already_applied_plan_id(self, plan: PackingPlan) -> UUID | None:
        twin = find_applied_twin(plan=plan)
        return twin.pk if twin else None

    @extend_schema_field(RefusedRowSerializer(many=True))
    def get_refused_rows(self, plan: PackingPlan) -> Any:
        lines = list_lines(plan=plan, outcome=PlanOutcome.REFUSED, limit=REFUSED_SHOWN)
        return RefusedRowSerializer(lines, many=True).data
