from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import DomainError
from jobs.runner import run_job
from jobs.states import State
from qrtracking.management.arguments import (
    case_numbers,
    get_actor,
    get_batch,
    read_entries,
    write,
)
from qrtracking.models import Batch, OrderItem, ReverseJob
from qrtracking.services.reverse_jobs import submit_reverse_job


class Command(BaseCommand):
    help = "Submit a job that prepares all units of a batch but the excluded ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--batch", required=True, type=UUID)
        parser.add_argument("--exclude-file", type=Path, help="codes, URLs, numbers or ranges")
        parser.add_argument("--variant", help="code of the only variant to prepare")
        parser.add_argument("--cases", type=case_numbers, help="for example 1-5,7")
        parser.add_argument("--priority", type=int, default=5)
        parser.add_argument("--user", help="who submits; default: the first member who may")
        parser.add_argument("--run", action="store_true", help="work the job off here")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        batch = get_batch(options["batch"])
        try:
            job = submit_reverse_job(
                actor=get_actor(batch, options["user"]),
                batch_id=batch.pk,
                order_id=batch.order_id,
                exclude_codes=read_entries(options["exclude_file"]),
                filter_variant_id=_variant_id(batch, options["variant"]),
                filter_case_numbers=options["cases"],
                priority=options["priority"],
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        if options["run"]:
            job = _work_off(job)
        facts = {"job_id": str(job.pk), "status": job.status, "result": job.result_summary}
        write(self, facts, as_json=options["json"])
        if job.state is State.FAILED:
            raise CommandError(job.error_message or job.error_code)


def _variant_id(batch: Batch, code: str | None) -> UUID | None:
    if code is None:
        return None
    items = OrderItem.objects.filter(order_id=batch.order_id, variant__variant_code=code)
    ids: list[UUID] = list(items.values_list("variant_id", flat=True)[:2])
    if len(ids) != 1:
        raise CommandError(f"No single variant of this batch is called {code!r}.")
    return ids[0]


def _work_off(job: ReverseJob) -> ReverseJob:
    while job.state in {State.WAITING, State.ACTIVE}:
        worked = run_job(job)
        if worked is None:
            raise CommandError("Another worker has this job, or its type is paused.")
        job = worked
    return job
