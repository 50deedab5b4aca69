"""Packing plans: which units lie in which case, read from a file, checked and then applied."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Organization, TenantQuerySet
from jobs.models import (
    Job,
    JobQuerySet,
    kernel_constraints,
    kernel_indexes,
    kernel_permissions,
)
from jobs.states import States
from qrtracking.models.batch import Batch
from qrtracking.models.case import MasterCode
from qrtracking.models.catalog import Order
from qrtracking.models.constraints import Link, at_least, one_of, tenant_key
from qrtracking.models.queue import REVERSE_JOB_STATES, ReverseJobStatus
from qrtracking.models.unit import UnitCode


class PlanSource(models.TextChoices):
    FILE = "file"
    PASTE = "paste"


class PlanPhase(models.TextChoices):
    CHECK = "check"
    APPLY = "apply"


class PlanOutcome(models.TextChoices):
    """Of one unit in one row: can be packed, was packed, or why not (see `reason`)."""

    READY = "ready"
    PACKED = "packed"
    REFUSED = "refused"


class PlanReason(models.TextChoices):
    """Why a unit is refused, in the order in which it is tried. `detail` of the row says more."""

    NO_UNITS = "no_units"
    UNKNOWN_MASTER = "unknown_master"
    MASTER_OF_OTHER_BATCH = "master_of_other_batch"
    NOT_FOUND = "not_found"
    WRONG_BATCH = "wrong_batch"
    IN_OTHER_ROW = "in_other_row"
    REPEATED = "repeated"
    ALREADY_LINKED = "already_linked"
    NOT_AVAILABLE = "not_available"
    WRONG_VARIANT = "wrong_variant"
    WRONG_SEQUENCE = "wrong_sequence"
    CASE_FULL = "case_full"


class PackingPlanQuerySet(JobQuerySet):
    def applicable(self) -> Self:
        """Checked, with something to pack, and never applied."""
        return self.filter(
            phase=PlanPhase.CHECK, status=ReverseJobStatus.COMPLETED, ready_count__gt=0
        )


class PackingPlan(Job):
    """A completed check waits for "apply", which makes the same row wait as a job again."""

    states: ClassVar[States] = REVERSE_JOB_STATES

    batch = Link(Batch, related_name="packing_plans")
    order = Link(Order)
    source = models.CharField(max_length=10, choices=PlanSource)
    file = models.FileField(upload_to="qr-packing-plans/", max_length=200, blank=True)
    file_name = models.CharField(max_length=255, default="", db_default="", blank=True)
    sha256 = models.CharField(max_length=64)
    phase = models.CharField(
        max_length=10, choices=PlanPhase, default=PlanPhase.CHECK, db_default="check"
    )
    skip_case_validation = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Units planned for other cases are taken as well.",
    )
    row_count = models.IntegerField(default=0, db_default=0, editable=False)
    ready_count = models.IntegerField(default=0, db_default=0, editable=False)
    refused_count = models.IntegerField(default=0, db_default=0, editable=False)
    packed_count = models.IntegerField(default=0, db_default=0, editable=False)
    case_count = models.IntegerField(
        default=0, db_default=0, editable=False, help_text="Cases that get units."
    )
    applied_at = models.DateTimeField(null=True, blank=True, editable=False)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )
    status = models.CharField(
        max_length=20,
        choices=ReverseJobStatus,
        default=ReverseJobStatus.QUEUED,
        db_default="queued",
    )

    objects: ClassVar = PackingPlanQuerySet.as_manager()

    class Meta:
        db_table = "qr_packing_plans"
        indexes = [
            *kernel_indexes("qr_packing_plans", REVERSE_JOB_STATES),
            models.Index("batch", "created_at", name="qr_packing_plans_batch_created"),
        ]
        constraints = [
            *kernel_constraints("qr_packing_plans"),
            one_of("qr_packing_plans", "status", ReverseJobStatus),
            one_of("qr_packing_plans", "source", PlanSource),
            one_of("qr_packing_plans", "phase", PlanPhase),
            tenant_key("qr_packing_plans"),
        ]
        permissions = [
            *kernel_permissions("packingplan", "packing plans"),
            ("apply_packingplan", "Can apply packing plans"),
        ]

    def __str__(self) -> str:
        return self.file_name or f"Packing plan {self.pk}"

    @property
    def can_apply(self) -> bool:
        """As `applicable` says."""
        return (
            self.phase == PlanPhase.CHECK
            and self.status == ReverseJobStatus.COMPLETED
            and self.ready_count > 0
        )


class PackingPlanRow(models.Model):
    """One unit of one row; a row of forty units is forty of these with the same `row_no`."""

    pk = models.CompositePrimaryKey("plan_id", "row_no", "position")
    plan = Link(PackingPlan, related_name="rows")
    row_no = models.IntegerField()
    position = models.IntegerField(help_text="Of the unit in its row, from 1.")
    organization = Link(Organization, models.PROTECT)
    raw_master = models.CharField(max_length=500)
    raw = models.CharField(max_length=500)
    master_code = Link(MasterCode, null=True, blank=True)
    unit = Link(UnitCode, null=True, blank=True, db_column="code_id")
    outcome = models.CharField(max_length=10, choices=PlanOutcome, null=True, blank=True)  # noqa: DJ001 (null: not checked yet)
    reason = models.CharField(max_length=40, default="", db_default="", blank=True)
    # The case that a unit lies in, the other row that names it, and so on: what the reason is about.
    detail = models.CharField(max_length=100, default="", db_default="", blank=True)

    objects: ClassVar = TenantQuerySet.as_manager()

    class Meta:
        db_table = "qr_packing_plan_rows"
        indexes = [
            models.Index("plan", "master_code", name="qr_packing_plan_rows_case"),
            models.Index(
                "plan",
                "unit",
                condition=Q(unit__isnull=False),
                name="qr_packing_plan_rows_unit",
            ),
            models.Index(
                "plan",
                "row_no",
                "position",
                condition=Q(outcome="refused"),
                name="qr_packing_plan_rows_refused",
            ),
            # Deleting units without it would read every plan for each of them.
            models.Index("unit", condition=Q(unit__isnull=False), name="qr_packing_plan_rows_code"),
        ]
        constraints = [
            at_least("qr_packing_plan_rows", "row_no", 1),
            at_least("qr_packing_plan_rows", "position", 1),
            one_of("qr_packing_plan_rows", "outcome", PlanOutcome),
        ]

    def __str__(self) -> str:
        return self.raw
