"""Sheets of labels: made as a job, page by page, each page read back before it counts."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from accounts.models import Organization, TenantModel, TenantQuerySet
from jobs.models import Job, JobQuerySet, kernel_constraints, kernel_indexes, kernel_permissions
from jobs.states import State, States
from qrtracking.models.batch import Batch
from qrtracking.models.catalog import Order
from qrtracking.models.constraints import Link, at_least, one_of, tenant_key
from qrtracking.models.queue import REVERSE_JOB_STATES, ReverseJobStatus


class LabelKind(models.TextChoices):
    UNIT = "unit", "Units"
    SPARE = "spare", "Spares"
    CASE = "case", "Cases"


class LabelLayout(models.TextChoices):
    """How labels lie on their medium; `rules.layouts` has the measures."""

    A4_65 = "a4_65", "A4, 5 x 13"
    A4_24 = "a4_24", "A4, 3 x 8"
    A4_8 = "a4_8", "A4, 2 x 4"
    ONE_UP = "one_up", "One label a page"
    ZPL = "zpl", "ZPL for label printers"


class LabelPrinter(TenantModel):
    """A label printer that takes ZPL at a TCP port."""

    name = models.CharField(max_length=100)
    host = models.CharField(max_length=255)
    port = models.PositiveIntegerField(default=9100, db_default=9100)
    dots_per_inch = models.PositiveIntegerField(
        default=203, db_default=203, choices=[(203, "203 dpi"), (300, "300 dpi")]
    )
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        db_table = "qr_label_printers"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"], name="qr_label_printers_org_name_uniq"
            ),
            models.CheckConstraint(
                condition=Q(port__gte=1, port__lte=65535), name="qr_label_printers_port_range"
            ),
            models.CheckConstraint(
                condition=Q(dots_per_inch__in=[203, 300]), name="qr_label_printers_dpi_valid"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LabelSheetQuerySet(JobQuerySet):
    def without_output(self) -> Self:
        """Sheets of which nothing has gone to paper yet."""
        return self.filter(downloaded_at=None)


class LabelSheet(Job):
    """Labels number `from_number` to `to_number` of their kind: sequences, spares or cases."""

    states: ClassVar[States] = REVERSE_JOB_STATES

    batch = Link(Batch, related_name="label_sheets")
    order = Link(Order)
    kind = models.CharField(max_length=10, choices=LabelKind)
    from_number = models.IntegerField()
    to_number = models.IntegerField()
    layout = models.CharField(
        max_length=20, choices=LabelLayout, default=LabelLayout.A4_65, db_default="a4_65"
    )
    # Each case gets this many stickers; units always get one.
    copies = models.IntegerField(default=1, db_default=1)
    printer = models.ForeignKey(
        LabelPrinter, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    label_count = models.IntegerField(default=0, db_default=0, editable=False)
    page_count = models.IntegerField(default=0, db_default=0, editable=False)
    verified_count = models.IntegerField(
        default=0, db_default=0, editable=False, help_text="Pages drawn and read back."
    )
    file = models.FileField(upload_to="qr-label-sheets/", max_length=200, blank=True)
    file_size = models.BigIntegerField(null=True, blank=True, editable=False)
    printed_at = models.DateTimeField(null=True, blank=True, editable=False)
    downloaded_at = models.DateTimeField(null=True, blank=True, editable=False)
    status = models.CharField(
        max_length=20,
        choices=ReverseJobStatus,
        default=ReverseJobStatus.QUEUED,
        db_default="queued",
    )

    objects: ClassVar = LabelSheetQuerySet.as_manager()

    class Meta:
        db_table = "qr_label_sheets"
        indexes = [
            *kernel_indexes("qr_label_sheets", REVERSE_JOB_STATES),
            models.Index("batch", "created_at", name="qr_label_sheets_batch_created"),
        ]
        constraints = [
            *kernel_constraints("qr_label_sheets"),
            one_of("qr_label_sheets", "status", ReverseJobStatus),
            one_of("qr_label_sheets", "kind", LabelKind),
            one_of("qr_label_sheets", "layout", LabelLayout),
            models.CheckConstraint(
                condition=Q(from_number__gte=1, to_number__gte=F("from_number")),
                name="qr_label_sheets_range_valid",
            ),
            models.CheckConstraint(
                condition=Q(copies__gte=1, copies__lte=11), name="qr_label_sheets_copies_range"
            ),
            models.CheckConstraint(
                condition=Q(verified_count__gte=0, verified_count__lte=F("page_count")),
                name="qr_label_sheets_verified_range",
            ),
            tenant_key("qr_label_sheets"),
        ]
        permissions = [*kernel_permissions("labelsheet", "label sheets")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.from_number}-{self.to_number}"

    @property
    def is_ready(self) -> bool:
        return self.state is State.DONE


class LabelPage(models.Model):
    """A page that was read back, kept until its sheet is whole: a crash costs one slice of pages."""

    pk = models.CompositePrimaryKey("sheet_id", "page_number")
    sheet = Link(LabelSheet, related_name="pages")
    page_number = models.IntegerField()
    organization = Link(Organization, models.PROTECT)
    content = models.BinaryField()

    objects: ClassVar = TenantQuerySet.as_manager()

    class Meta:
        db_table = "qr_label_pages"
        constraints = [at_least("qr_label_pages", "page_number", 1)]

    def __str__(self) -> str:
        return f"Page {self.page_number}"
