from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import TenantModel, TenantQuerySet
from jobs.states import State, States

HIGH, NORMAL, LOW = 1, 5, 10
KERNEL_VERBS = ("retry", "cancel", "requeue", "prioritise", "run")


class JobQuerySet(TenantQuerySet[Any]):
    """Filters that every job model has; `Now` is the database's clock, never the worker's."""

    def in_state(self, *states: State) -> "JobQuerySet":
        words = self.model.states
        return self.filter(status__in=[words.word_for(state) for state in states])

    def due(self) -> "JobQuerySet":
        return self.in_state(State.WAITING).filter(run_after__lte=Now())

    def lease_expired(self) -> "JobQuerySet":
        return self.in_state(State.ACTIVE).filter(
            Q(lease_expires_at__lt=Now()) | Q(lease_expires_at=None)
        )

    def runnable(self) -> "JobQuerySet":
        words = self.model.states
        return self.filter(
            Q(status=words.waiting, run_after__lte=Now())
            | Q(status=words.active, lease_expires_at__lt=Now())
            | Q(status=words.active, lease_expires_at=None)
        )


class Job(TenantModel):
    """A row of an app's own table that the runner works off, slice by slice.

    A concrete model sets `states`, overrides `status` with its own words and default, and lists
    `kernel_indexes(...)` and `kernel_constraints(...)` in its Meta.
    """

    states: ClassVar[States]
    # The column that tells the kinds of a model with several handlers apart.
    type_field: ClassVar[str | None] = None
    # Permissions that a contract names otherwise than `<verb>_<model>`, e.g. {"retry": "generate"}.
    verb_permissions: ClassVar[Mapping[str, str]] = {}
    # Columns too big to be read with every slice; they load when they are asked for.
    lazy_fields: ClassVar[tuple[str, ...]] = ()
    # Read with the row by `jobs.leases.lock`.
    kernel_is_paused: bool
    kernel_now: datetime
    # "app.Model" of the app's own log table (a JobLog); None: the kernel's table.
    log_model: ClassVar[str | None] = None

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )
    status = models.CharField(max_length=20)
    priority = models.SmallIntegerField(default=NORMAL, db_default=NORMAL)
    progress = models.SmallIntegerField(default=0, db_default=0, editable=False)
    # Failures since the last committed slice, not starts.
    attempts = models.SmallIntegerField(default=0, db_default=0, editable=False)
    max_attempts = models.SmallIntegerField(default=3, db_default=3)
    # Claims since the last committed slice: a job that kills its process never commits one.
    crash_count = models.SmallIntegerField(default=0, db_default=0, editable=False)
    run_after = models.DateTimeField(db_default=Now())
    rung_at = models.DateTimeField(null=True, blank=True, editable=False)
    lease_token = models.BigIntegerField(default=0, db_default=0, editable=False)
    lease_owner = models.CharField(max_length=120, default="", db_default="", editable=False)
    lease_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    heartbeat_at = models.DateTimeField(null=True, blank=True, editable=False)
    cancel_requested_at = models.DateTimeField(null=True, blank=True, editable=False)
    cancel_requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )
    cursor = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    error_code = models.CharField(max_length=60, default="", db_default="", editable=False)
    error_message = models.TextField(null=True, blank=True, editable=False)  # noqa: DJ001 (the contracts' column is null until something failed)
    error_fingerprint = models.CharField(max_length=16, default="", db_default="", editable=False)
    result_summary = models.JSONField(null=True, blank=True, editable=False)
    correlation_id = models.CharField(max_length=64, default="", db_default="", editable=False)
    version = models.IntegerField(default=0, db_default=0, editable=False)
    started_at = models.DateTimeField(null=True, blank=True, editable=False)
    completed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[Any] = JobQuerySet.as_manager()

    class Meta:
        abstract = True

    @classmethod
    def job_label(cls) -> str:
        return cls._meta.label_lower

    @classmethod
    def permission_for(cls, verb: str) -> str:
        """The Django permission that staff need for one of KERNEL_VERBS."""
        name = cls.verb_permissions.get(verb, verb)
        return f"{cls._meta.app_label}.{name}_{cls._meta.model_name}"

    @property
    def handler_name(self) -> str:
        """The name under which the handler is registered, paused and resumed."""
        if self.type_field is None:
            return self.job_label()
        return f"{self.job_label()}:{getattr(self, self.type_field)}"

    @property
    def state(self) -> State | None:
        return self.states.state_of(self.status)

    @property
    def can_cancel(self) -> bool:
        return self.state in {State.WAITING, State.ACTIVE} and self.cancel_requested_at is None

    @property
    def can_retry(self) -> bool:
        return self.state is State.FAILED


def kernel_indexes(prefix: str, states: States) -> list[models.Index]:
    """The indexes of a job table; prefix: at most 20 characters, unique."""
    return [
        models.Index(
            "priority",
            "run_after",
            "id",
            condition=Q(status=states.waiting),
            name=f"{prefix}_due",
        ),
        # Finds the next job of each organization without reading the others' backlog.
        models.Index(
            "organization",
            "priority",
            "run_after",
            "id",
            condition=Q(status=states.waiting),
            name=f"{prefix}_org_due",
        ),
        models.Index("lease_expires_at", condition=Q(status=states.active), name=f"{prefix}_lease"),
        # What people look at: the newest, what went wrong, and the dashboard's last day.
        models.Index("created_at", "id", name=f"{prefix}_created"),
        models.Index("organization", "created_at", "id", name=f"{prefix}_org_new"),
        models.Index(
            "created_at",
            "id",
            condition=Q(status__in=[states.failed, states.cancelled]),
            name=f"{prefix}_failed",
        ),
        models.Index(
            "completed_at", condition=Q(completed_at__isnull=False), name=f"{prefix}_ended"
        ),
    ]


def kernel_permissions(model_name: str, noun: str) -> list[tuple[str, Any]]:
    """What staff may be allowed to do with the jobs of a model (its name in lower case)."""
    return [(f"{verb}_{model_name}", f"Can {verb} {noun}") for verb in KERNEL_VERBS]


def kernel_constraints(prefix: str) -> list[models.BaseConstraint]:
    return [
        models.CheckConstraint(
            condition=Q(progress__gte=0, progress__lte=100), name=f"{prefix}_progress_range"
        ),
        models.CheckConstraint(
            condition=Q(priority__gte=HIGH, priority__lte=LOW), name=f"{prefix}_priority_range"
        ),
    ]


def moved(**changes: Any) -> dict[str, Any]:
    """The columns of one kernel move: what changes, plus the row's version and time."""
    return {**changes, "version": F("version") + 1, "updated_at": Now()}
