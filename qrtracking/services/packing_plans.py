"""Packing plans: submitted to be checked, and applied once that is done."""

from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from typing import BinaryIO, cast
from uuid import UUID, uuid4

from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models.functions import Now

from accounts.errors import DomainError
from accounts.models import User
from jobs.dispatch import ring
from jobs.files import keeping_files
from jobs.logs import write_log
from jobs.models import moved
from jobs.services import submit_job
from qrtracking import errors
from qrtracking.errors import plans as plan_errors
from qrtracking.models import (
    Batch,
    PackingPlan,
    PlanPhase,
    PlanSource,
    ReverseJobStatus,
)
from qrtracking.rules.plan_rows import parse_row
from qrtracking.rules.text import clean
from qrtracking.services.case_locks import enter_order
from qrtracking.services.open_batches import check_batch_open, enter_open_batch
from qrtracking.services.plan_files import LIMITS, MAX_BYTES
from tables.reading import read_table

_BLOCK = 256 * 1024
# Of archives, which workbooks are: reading one takes too long for a request.
_READ_LATER = (b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1"))

_NOT_CHECKED: dict[str, type[plan_errors.PlanNotChecked]] = {
    ReverseJobStatus.FAILED: plan_errors.PlanCheckFailed,
    ReverseJobStatus.CANCELLED: plan_errors.PlanCancelled,
    ReverseJobStatus.COMPLETED: plan_errors.PlanNothingReady,
}


def submit_plan_text(
    *, actor: User, batch_id: UUID, text: str, skip_case_validation: bool = False
) -> PackingPlan:
    """Check a pasted plan. Raises what `submit_plan_file` raises."""
    return submit_plan_file(
        actor=actor,
        batch_id=batch_id,
        file=ContentFile(text.encode(errors="replace")),
        source=PlanSource.PASTE,
        skip_case_validation=skip_case_validation,
    )


def submit_plan_file(
    *,
    actor: User,
    batch_id: UUID,
    file: "File[bytes]",
    file_name: str = "",
    source: PlanSource = PlanSource.FILE,
    skip_case_validation: bool = False,
) -> PackingPlan:
    """Keep the file and ring for its check, which packs nothing.

    Raises OrganizationRequired, BatchNotFound, BatchNotReady, OrderLocked, PlanEmpty, PlanTooLarge
    and, for what is no table at first sight, TableUnreadable.
    """
    with keeping_files() as keep, transaction.atomic():
        batch = enter_open_batch(actor=actor, batch_id=batch_id)
        digest = _digest(file)
        _check_start(file)
        plan = PackingPlan(
            organization_id=batch.organization_id,
            created_by=actor,
            batch=batch,
            order_id=batch.order_id,
            source=source,
            file_name=_cleaned(file_name),
            sha256=digest,
            skip_case_validation=skip_case_validation,
        )
        keep(plan.file, uuid4().hex, file)
        return submit_job(plan)


def check_plan_again(*, plan: PackingPlan, actor: User, skip_case_validation: bool) -> PackingPlan:
    """Send the content of a plan once more, as a plan of its own.

    Raises PlanFileMissing and what `submit_plan_file` raises.
    """
    try:
        file = plan.file.open("rb")
    except (OSError, ValueError) as error:
        raise plan_errors.PlanFileMissing from error
    with file:
        return submit_plan_file(
            actor=actor,
            batch_id=plan.batch_id,
            file=ContentFile(file.read()),
            file_name=plan.file_name,
            source=PlanSource(plan.source),
            skip_case_validation=skip_case_validation,
        )


@transaction.atomic
def apply_packing_plan(*, plan: PackingPlan, actor: User) -> PackingPlan:
    """Send a checked plan to work again: now its cases are packed, by `actor`. It happens once.

    Raises BatchNotFound, BatchNotReady, OrderLocked, PlanAlreadyApplied, and for a plan that is not
    checked, or has nothing to pack, a kind of PlanNotChecked.
    """
    enter_order(organization_id=plan.organization_id, order_id=plan.order_id)
    batch = Batch.objects.filter(pk=plan.batch_id).first()
    if batch is None:
        raise errors.BatchNotFound
    checked = PackingPlan.objects.applicable().filter(pk=plan.pk)
    changes = {
        "phase": PlanPhase.APPLY,
        "status": ReverseJobStatus.QUEUED,
        "applied_by": actor,
        "progress": 0,
        "attempts": 0,
        "crash_count": 0,
        "run_after": Now(),
        "started_at": None,
        "completed_at": None,
        "cursor": {},
    }
    is_taken = checked.update(**moved(**changes))
    plan.refresh_from_db()
    if not is_taken:
        raise _refusal(plan)
    check_batch_open(batch)
    write_log(plan, f"Applied by {actor.get_username()}")
    ring(plan)
    return plan


def _refusal(plan: PackingPlan) -> DomainError:
    if plan.phase == PlanPhase.APPLY:
        return plan_errors.PlanAlreadyApplied()
    return _NOT_CHECKED.get(plan.status, plan_errors.PlanNotChecked)()


def _digest(file: "File[bytes]") -> str:
    """Raises PlanEmpty or PlanTooLarge."""
    digest, size = sha256(), 0
    for block in _blocks(file):
        digest.update(block)
        size += len(block)
        if size > MAX_BYTES:
            raise plan_errors.PlanTooLarge
    if size == 0:
        raise plan_errors.PlanEmpty
    return digest.hexdigest()


def _blocks(file: "File[bytes]") -> Iterator[bytes]:
    file.seek(0)
    while block := file.read(_BLOCK):
        yield block
    file.seek(0)


def _check_start(file: "File[bytes]") -> None:
    """Raises TableUnreadable for a picture and the like, before anybody waits for a worker.

    And PlanEmpty for a text in which nothing is written.
    """
    is_archive = file.read(8).startswith(_READ_LATER)
    file.seek(0)
    if is_archive:
        return
    with closing(read_table(cast(BinaryIO, file), limits=LIMITS)) as lines:
        is_written = any(parse_row(1, cells) for cells in lines)
    file.seek(0)
    if not is_written:
        raise plan_errors.PlanEmpty


def _cleaned(file_name: str) -> str:
    return " ".join(clean(file_name).split())[-255:]
