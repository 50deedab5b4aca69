from django.db import transaction

from accounts.models import User
from jobs.models import moved
from jobs.services import set_priority
from qrtracking.models import ReverseJob


@transaction.atomic
def change_reverse_job(
    *, job: ReverseJob, actor: User, priority: int | None = None, label: str | None = None
) -> ReverseJob:
    """Change what is given. Raises JobNotWaiting when a job with a new priority runs or has ended."""
    if priority is not None:
        set_priority(job, priority=priority, actor=actor)
    if label is not None:
        ReverseJob.objects.filter(pk=job.pk).update(**moved(label=label))
    job.refresh_from_db()
    return job
