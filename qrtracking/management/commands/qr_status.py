from argparse import ArgumentParser
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from qrtracking.management.arguments import get_batch, write
from qrtracking.models import Batch, ReverseJob
from qrtracking.rules.progress import batch_progress
from qrtracking.selectors.counts import count_queue, sum_cases


class Command(BaseCommand):
    help = "Show where a job stands, or the queue and the progress of a batch."

    def add_arguments(self, parser: ArgumentParser) -> None:
        subject = parser.add_mutually_exclusive_group(required=True)
        subject.add_argument("--job", type=UUID)
        subject.add_argument("--batch", type=UUID)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["job"]:
            facts = _job_facts(options["job"])
        else:
            facts = _batch_facts(get_batch(options["batch"]))
        write(self, facts, as_json=options["json"])


def _job_facts(job_id: UUID) -> dict[str, Any]:
    job = ReverseJob.objects.filter(pk=job_id).first()
    if job is None:
        raise CommandError(f"There is no job {job_id}.")
    return {
        "job_id": str(job.pk),
        "status": job.status,
        "progress": job.progress,
        "prepared_count": job.prepared_count,
        "remaining_to_prepare": job.remaining_to_prepare,
        "total_available_in_batch": job.total_available_in_batch,
        "result_summary": job.result_summary,
        "error_code": job.error_code,
        "error_message": job.error_message,
        "attempts": job.attempts,
        "batch_id": str(job.batch_id),
        "order_id": str(job.order_id),
        "created_at": _text(job.created_at),
        "updated_at": _text(job.updated_at),
        "started_at": _text(job.started_at),
        "completed_at": _text(job.completed_at),
    }


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _batch_facts(batch: Batch) -> dict[str, Any]:
    cases = sum_cases(batch=batch)
    done = batch_progress(
        packed_cases=cases.packed,
        cases=batch.total_master_codes,
        packed_units=cases.packed_units,
        planned_units=batch.planned_unique_codes,
    )
    queue = count_queue(batch=batch)
    return {
        "batch_id": str(batch.pk),
        "batch_code": batch.batch_code,
        "status": batch.status,
        "cases": batch.total_master_codes,
        "packed_cases": cases.packed,
        "units": batch.planned_unique_codes,
        "packed_units": cases.packed_units,
        "progress": done.overall,
        "ready": queue.ready,
        "ready_capped": queue.ready_capped,
        "ready_by_variant": queue.by_variant,
    }
