from jobs.models.control import PausedJobType, WorkerHost
from jobs.models.job import (
    Job,
    JobQuerySet,
    kernel_constraints,
    kernel_indexes,
    kernel_permissions,
    moved,
)
from jobs.models.log import JobEvent, JobLog, Level
from jobs.models.outbox import OutboxMessage, WebhookEndpoint

__all__ = [
    "Job",
    "JobEvent",
    "JobLog",
    "JobQuerySet",
    "Level",
    "OutboxMessage",
    "PausedJobType",
    "WebhookEndpoint",
    "WorkerHost",
    "kernel_constraints",
    "kernel_indexes",
    "kernel_permissions",
    "moved",
]
