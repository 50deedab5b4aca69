from jobs.admin.control import PausedJobTypeAdmin, WorkerHostAdmin
from jobs.admin.engine import hide_engine
from jobs.admin.log import JobEventAdmin
from jobs.admin.messages import OutboxMessageAdmin, WebhookEndpointAdmin

__all__ = [
    "JobEventAdmin",
    "OutboxMessageAdmin",
    "PausedJobTypeAdmin",
    "WebhookEndpointAdmin",
    "WorkerHostAdmin",
]

hide_engine()
