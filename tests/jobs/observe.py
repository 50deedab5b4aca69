"""What tests look at: effects, log lines, messages in the queue."""

from django_q.models import OrmQ

from jobs.logs import list_log
from jobs.models import Job
from tests.jobs.sample.models import Effect


def effect_numbers(job: Job) -> list[int]:
    return sorted(Effect.objects.filter(job_id=job.pk).values_list("number", flat=True))


def log_messages(job: Job) -> list[str]:
    return [line.message for line in list_log(job)]


def count_doorbells() -> int:
    return OrmQ.objects.count()


def list_doorbells() -> list[tuple[str, ...]]:
    """(queue, function, *arguments) of each message, oldest first."""
    rows = OrmQ.objects.order_by("id")
    return [(row.key, row.task["func"], *row.task["args"]) for row in rows]
