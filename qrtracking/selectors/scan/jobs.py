"""Reverse jobs and the units that they have prepared."""

from uuid import UUID

from accounts.models import User
from qrtracking.models import Batch, PreparedCode, ReverseJob, ReverseJobStatus
from qrtracking.selectors.visible import list_jobs

JOBS_SHOWN = 20


def list_batch_jobs(*, user: User, batch: Batch) -> list[ReverseJob]:
    """The newest jobs of a batch, and every older one that has not ended."""
    jobs = list_jobs(user=user).filter(batch=batch).select_related("created_by")
    newest = list(jobs.order_by("-created_at", "-pk")[:JOBS_SHOWN])
    shown = {job.pk for job in newest}
    older = jobs.unfinished().exclude(pk__in=shown).order_by("-created_at", "-pk")
    return newest + list(older) if len(newest) == JOBS_SHOWN else newest


def get_job(*, user: User, job_id: UUID) -> ReverseJob | None:
    jobs = list_jobs(user=user).filter(organization=user.organization)
    job: ReverseJob | None = (
        jobs.select_related("created_by", "filter_variant").filter(pk=job_id).first()
    )
    return job


def has_ready_units(*, batch: Batch) -> bool:
    """Whether a case would find units in the queue. Asked with every poll: nothing is counted."""
    live = PreparedCode.objects.live().filter(batch=batch, job__cancel_requested_at=None)
    ready = live.exclude(job__status=ReverseJobStatus.CANCELLED)
    # In the order of the queue's index: an empty queue costs one look into it, and not the table.
    head = ready.order_by("variant", "sequence_number", "unit").values_list("pk", flat=True)[:1]
    return bool(head)


def get_last_job_now(*, user: User, batch: Batch) -> ReverseJob | None:
    """The newest job that was worked off while its person waited."""
    jobs = list_jobs(user=user).filter(batch=batch, process_now=True)
    job: ReverseJob | None = jobs.select_related("created_by").order_by("-created_at").first()
    return job


def count_excludes(*, job: ReverseJob) -> int:
    """Entries of the job's list, which itself is never read for a page."""
    counted = ReverseJob.objects.filter(pk=job.pk).values_list("exclude_codes__len", flat=True)
    return counted.get() or 0
