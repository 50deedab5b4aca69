"""What people and other programs hear when a job has ended: through the outbox, once."""

from django.conf import settings
from django.utils import timezone

from jobs.outbox import queue_email, queue_event
from jobs.states import State
from qrtracking.models import Batch, ReverseJob


def tell_reverse_job_ended(job: ReverseJob) -> None:
    """Queue the e-mail to the creator and the webhook of a completed or failed job."""
    if job.state is State.CANCELLED:
        return
    key = f"qr.reverse_job:{job.pk}:{job.version}"
    if job.notify_email and job.created_by and job.created_by.email:
        queue_email(
            organization_id=job.organization_id,
            to=[job.created_by.email],
            subject=_subject(job),
            body=_body(job),
            key=f"{key}:mail",
        )
    queue_event(
        organization_id=job.organization_id,
        event=f"qr.reverse_job.{job.status}",
        data={
            "job_id": str(job.pk),
            "batch_id": str(job.batch_id),
            "order_id": str(job.order_id),
            "order_no": job.order.order_no,
            "status": job.status,
            "result_summary": job.result_summary,
            "error_code": job.error_code,
            "error_message": job.error_message,
        },
        key=key,
        at=job.completed_at or timezone.now(),
    )


def tell_batch_generated(batch: Batch) -> None:
    """Queue the webhook of a batch whose codes are ready."""
    if batch.state is not State.DONE:
        return
    queue_event(
        organization_id=batch.organization_id,
        event="qr.batch.generated",
        data={
            "batch_id": str(batch.pk),
            "order_id": str(batch.order_id),
            "order_no": batch.order.order_no,
            "batch_code": batch.batch_code,
            "total_master_codes": batch.total_master_codes,
            "total_unique_codes": batch.total_unique_codes,
            "planned_unique_codes": batch.planned_unique_codes,
        },
        key=f"qr.batch:{batch.pk}:{batch.version}",
        at=batch.completed_at or timezone.now(),
    )


def _subject(job: ReverseJob) -> str:
    if job.state is State.DONE:
        return f"Prepared {job.prepared_count} codes for {job.order.order_no}"
    return f"Preparing codes failed for {job.order.order_no}"


def _body(job: ReverseJob) -> str:
    link = f"{settings.QR_BASE_URL}/scan/jobs/{job.pk}/"
    if job.state is not State.DONE:
        reason = job.error_message or "The reason is in the job's log."
        lines = [
            reason,
            "",
            f"Prepared so far: {job.prepared_count}",
            "What to do next: open the job, read its log and retry it.",
        ]
        return "\n".join([*lines, "", link, ""])
    summary = job.result_summary or {}
    lines = [
        f"Prepared: {summary.get('prepared', 0)}",
        f"Already in the queue: {summary.get('duplicates', 0)}",
        f"No longer available: {summary.get('invalid', 0)}",
        f"Excluded: {summary.get('excluded_matched', 0)}",
        f"Available in the batch: {summary.get('total_available', 0)}",
    ]
    missing = summary.get("excluded_not_found", [])
    if missing:
        count = summary.get("excluded_not_found_count", len(missing))
        lines += ["", f"Entries that name no unit of this batch ({count}):", *missing]
    return "\n".join([*lines, "", link, ""])
