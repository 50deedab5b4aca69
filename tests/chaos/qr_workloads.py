"""The jobs of qrtracking in a campaign: codes, queues, labels and packing plans."""

import random
from io import BytesIO
from uuid import UUID

import pypdfium2
from django.db import transaction

from accounts.models import Organization, User
from jobs.models import Job
from qrtracking.models import (
    Batch,
    LabelPage,
    LabelSheet,
    MasterCode,
    PackingPlan,
    PlanPhase,
    PreparedCode,
    ReverseJob,
    UnitCode,
)
from qrtracking.services.generation import create_batch
from qrtracking.services.label_sheets import create_label_sheet
from qrtracking.services.packing_plans import apply_packing_plan, submit_plan_text
from qrtracking.services.reverse_jobs import submit_reverse_job
from qrtracking.services.verifying import list_differences
from tests.accounts.factories import make_member
from tests.chaos.workloads import Workload, workload
from tests.qrtracking.factories import (
    OrderFactory,
    OrderItemFactory,
    make_generated_batch,
)

PER_CASE = 10
UNITS = 400
# So many looks lie between two at everything that qr_verify looks at.
LOOKS = 20


class QrWorkload(Workload):
    """Every job of it is to complete, and nothing that `qr_verify` checks may differ."""

    weight = 0.7
    people: dict[UUID, User]

    def __init__(self) -> None:
        super().__init__()
        self.people = {}

    def manager(self, organization: Organization) -> User:
        known = self.people.get(organization.pk)
        manager = known or make_member("manager", organization=organization)
        # What a cut connection takes back is not to be remembered.
        transaction.on_commit(lambda: self.people.update({organization.pk: manager}))
        return manager

    def find_violations(self) -> list[str]:
        jobs = self.model.objects.filter(pk__in=self.submitted)
        wrong_ends = [
            f"{self.name} {job.pk} ended as {job.status} {job.error_code}"
            for job in jobs.exclude(status=self.model.states.done)
        ]
        effects = [f"{self.name} {job.pk} {text}" for job in jobs for text in self.judge(job)]
        return wrong_ends + effects

    def judge(self, job: Job) -> list[str]:
        """What is wrong with the effects of a completed job."""
        return []


@workload
class Generate(QrWorkload):
    name = "qr generate"
    model = Batch

    @transaction.atomic
    def submit(self, organization: Organization, chance: random.Random) -> UUID:
        order = OrderFactory(organization=organization, units_per_case=PER_CASE)
        OrderItemFactory(order=order, qty=chance.randint(1, 300))
        return create_batch(order=order, actor=self.manager(organization)).pk

    def judge(self, job: Batch) -> list[str]:
        numbers = UnitCode.objects.filter(batch=job).values_list("sequence_number", flat=True)
        whole = sorted(numbers) == [*range(1, job.total_unique_codes + 1)]
        return [] if whole else ["has other units than planned"]

    def look(self, number: int) -> list[str]:
        if number % LOOKS:
            return []
        return [f"{one.kind} {one.subject}" for one in list_differences()]


@workload
class Prepare(QrWorkload):
    """Several jobs at one batch, with excludes that hold for each other."""

    name = "qr prepare"
    model = ReverseJob
    weight = 2
    batches: dict[UUID, Batch]

    def __init__(self) -> None:
        super().__init__()
        self.batches = {}

    @transaction.atomic
    def submit(self, organization: Organization, chance: random.Random) -> UUID:
        actor = self.manager(organization)
        batch = self.batches.get(organization.pk)
        if batch is None or chance.random() < 0.3:
            batch = make_generated_batch(organization=organization, units=UNITS, per_case=PER_CASE)
        job = submit_reverse_job(
            actor=actor,
            batch_id=batch.pk,
            order_id=batch.order_id,
            exclude_codes=[str(chance.randint(1, UNITS)) for _ in range(5)],
            notify_email=False,
        )
        transaction.on_commit(lambda: self.batches.update({organization.pk: batch}))
        return job.pk

    def judge(self, job: ReverseJob) -> list[str]:
        later = ReverseJob.objects.filter(batch_id=job.batch_id, created_at__gt=job.created_at)
        if later.exists():
            return []
        live = PreparedCode.objects.live().filter(batch_id=job.batch_id)
        numbers = sorted(live.values_list("sequence_number", flat=True))
        excluded = {*job.excludes.values_list("sequence_number", flat=True)}
        whole = numbers == [number for number in range(1, UNITS + 1) if number not in excluded]
        return [] if whole else ["left another queue than all units but its excludes"]


@workload
class Labels(QrWorkload):
    name = "qr labels"
    model = LabelSheet

    @transaction.atomic
    def submit(self, organization: Organization, chance: random.Random) -> UUID:
        batch = make_generated_batch(organization=organization, units=100, per_case=PER_CASE)
        sheet = create_label_sheet(
            actor=self.manager(organization),
            batch_id=batch.pk,
            kind="unit",
            from_number=1,
            # More than one slice of pages.
            to_number=chance.randint(85, 100),
            layout="a4_8",
        )
        return sheet.pk

    def judge(self, job: LabelSheet) -> list[str]:
        units = UnitCode.objects.filter(batch=job.batch_id, sequence_number__lte=job.to_number)
        wrong = {
            "keeps pages": LabelPage.objects.filter(sheet=job).exists(),
            "has pages that were not read back": job.verified_count != job.page_count,
            "left units without their status": units.exclude(status="printed").exists(),
            "has a file of other pages": count_pages(job) != job.page_count,
        }
        return [text for text, is_wrong in wrong.items() if is_wrong]


def count_pages(sheet: LabelSheet) -> int:
    with sheet.file.open("rb") as file:
        return len(pypdfium2.PdfDocument(BytesIO(file.read())))


@workload
class Plans(QrWorkload):
    """Checked first; somebody applies a checked one when the next is submitted."""

    name = "qr plan"
    model = PackingPlan

    def submit(self, organization: Organization, chance: random.Random) -> UUID:
        checked = PackingPlan.objects.applicable().order_by("pk").first()
        if checked is not None:
            apply_packing_plan(plan=checked, actor=self.manager(checked.organization))
        return self._submit(organization, chance)

    @transaction.atomic
    def _submit(self, organization: Organization, chance: random.Random) -> UUID:
        batch = make_generated_batch(organization=organization, units=300, per_case=PER_CASE)
        cases = chance.sample(range(1, 31), k=25)
        rows = [f"CASE:{case},{PER_CASE * (case - 1) + 1}-{PER_CASE * case}" for case in cases]
        return submit_plan_text(
            actor=self.manager(organization), batch_id=batch.pk, text="\n".join(rows)
        ).pk

    def judge(self, job: PackingPlan) -> list[str]:
        packed = 250 if job.phase == PlanPhase.APPLY else 0
        cases = MasterCode.objects.filter(batch=job.batch_id, status="packed").count()
        wrong = {
            "counts wrongly": (job.packed_count, job.refused_count) != (packed, 0),
            "left cases unpacked": cases * PER_CASE != packed,
        }
        return [text for text, is_wrong in wrong.items() if is_wrong]
