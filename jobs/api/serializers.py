from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from jobs.models import Job, Level
from jobs.selectors import list_log_tail
from jobs.states import State

MAX_REASON = 500


class JobSerializer(serializers.Serializer[Any]):
    """What every job has, whatever its model. Apps subclass it for their own columns."""

    id = serializers.UUIDField(read_only=True)
    url = serializers.SerializerMethodField()
    type = serializers.CharField(source="handler_name", read_only=True)
    status = serializers.CharField(read_only=True, help_text="The model's own word.")
    state = serializers.ChoiceField(
        choices=[state.value for state in State],
        read_only=True,
        allow_null=True,
        help_text="The same for all models.",
    )
    organization = serializers.UUIDField(source="organization_id", read_only=True)
    created_by = serializers.UUIDField(source="created_by_id", read_only=True, allow_null=True)
    priority = serializers.IntegerField(read_only=True, help_text="1 is served first, 10 last.")
    progress = serializers.IntegerField(read_only=True, help_text="Per cent.")
    attempts = serializers.IntegerField(read_only=True)
    max_attempts = serializers.IntegerField(read_only=True)
    run_after = serializers.DateTimeField(read_only=True)
    can_cancel = serializers.BooleanField(read_only=True)
    can_retry = serializers.BooleanField(read_only=True)
    cancel_requested_at = serializers.DateTimeField(read_only=True, allow_null=True)
    error_code = serializers.CharField(read_only=True)
    error_message = serializers.CharField(read_only=True, allow_null=True)
    result_summary = serializers.JSONField(read_only=True, allow_null=True)
    correlation_id = serializers.CharField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)
    started_at = serializers.DateTimeField(read_only=True, allow_null=True)
    completed_at = serializers.DateTimeField(read_only=True, allow_null=True)

    @extend_schema_field(serializers.CharField(help_text="Where to follow the job."))
    def get_url(self, job: Job) -> str:
        return job_url(job)


def job_url(job: Job) -> str:
    """The path of the job's resource, for `Location` and for clients to poll."""
    return reverse("jobs:job", args=[job.pk])


class JobLogSerializer(serializers.Serializer[Any]):
    level = serializers.ChoiceField(choices=Level.values, read_only=True)
    message = serializers.CharField(read_only=True)
    correlation_id = serializers.CharField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)


class JobDetailSerializer(JobSerializer):
    log = serializers.SerializerMethodField(help_text="The last lines, oldest first.")

    @extend_schema_field(JobLogSerializer(many=True))
    def get_log(self, job: Job) -> Any:
        return JobLogSerializer(list_log_tail(job), many=True).data


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(
        max_length=MAX_REASON, required=False, default="", allow_blank=True
    )
