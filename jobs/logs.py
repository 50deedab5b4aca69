"""Lines of a job's log, written in the transaction of what they tell about."""

from typing import Any

import structlog
from django.apps import apps
from django.db.models import QuerySet

from jobs.models import Job, JobEvent, JobLog, Level


def get_correlation_id() -> str:
    """The id that ties this request or job to all that it causes; empty outside of both."""
    return str(structlog.contextvars.get_contextvars().get("correlation_id", ""))[:64]


def write_log(job: Job, message: str, *, level: Level = Level.INFO) -> None:
    common = {
        "organization_id": job.organization_id,
        "level": level,
        "message": message,
        "correlation_id": job.correlation_id,
    }
    if job.log_model is None:
        JobEvent.objects.create(job_label=job.job_label(), job_id=job.pk, **common)
    else:
        apps.get_model(job.log_model)._default_manager.create(job_id=job.pk, **common)


def log_of(job: Job) -> QuerySet[Any]:
    """The lines of a job's log, in no order."""
    if job.log_model is None:
        return JobEvent.objects.filter(job_id=job.pk)
    rows: QuerySet[Any] = apps.get_model(job.log_model)._default_manager.filter(job_id=job.pk)
    return rows


def list_log(job: Job) -> list[JobLog]:
    """The whole log of a job, oldest first."""
    return list(log_of(job).order_by("created_at", "id"))
