from collections.abc import Mapping, Sequence

from django.db.models import Case, When
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.html import format_html

from accounts.admin_base import ReadOnlyAdmin, permission_view
from accounts.unfold import display
from jobs.admin_base import wording
from jobs.admin_base.attention import list_attention
from jobs.admin_base.big_table import BigTableAdmin
from jobs.admin_base.checks import JobChecks
from jobs.admin_base.filters import ORGANIZATION_FILTER, KindFilter, StateFilter, preset_range
from jobs.admin_base.panel import default_counters, own_fields, panel_context
from jobs.admin_base.presets import list_presets
from jobs.admin_base.verb_pages import VerbPages
from jobs.admin_base.verbs import VERBS
from jobs.models.job import KERNEL_VERBS

KERNEL_DETAILS = [
    "status",
    "run_after",
    "lease_owner",
    "lease_expires_at",
    "heartbeat_at",
    "crash_count",
    "cancel_requested_at",
    "cancel_requested_by",
    "error_fingerprint",
    "version",
    "updated_at",
]


class JobAdmin(VerbPages, BigTableAdmin, ReadOnlyAdmin):
    """List and live page of a job model. Rows are read-only; people act through the verbs.

    A subclass may narrow `verbs`, name `counter_fields` for the job page, and say by `error_advice`
    what to do about an error code. Its own columns go into `list_display` where they fit.
    """

    verbs: Sequence[str] = KERNEL_VERBS
    verb_set = VERBS
    counter_fields: Sequence[str] | None = None
    error_advice: Mapping[str, str] = {}

    checks_class = JobChecks
    list_display = [
        "short_id",
        "state_badge",
        "progress_bar",
        "attempt_count",
        "waited",
        "ran",
        "organization",
        "created",
    ]
    list_filter = [StateFilter, ORGANIZATION_FILTER, preset_range("created_at")]
    search_exact = ["id"]
    ordering = ["-created_at", "-id"]
    actions = []
    list_before_template = "jobs/admin/presets.html"
    change_form_template = "jobs/admin/job.html"

    class Media:
        css = {"all": ["jobs/admin.css"]}
        js = ["jobs/live.js"]

    def __init__(self, model, admin_site):
        super().__init__(model, admin_site)
        self.actions = [*(f"{name}_selected" for name in self.verbs), *self.actions]
        if model.type_field is not None and KindFilter not in self.list_filter:
            self.list_filter = [self.list_filter[0], KindFilter, *self.list_filter[1:]]

    # The list

    @display(description="job")
    def short_id(self, job):
        """The end of the id: its beginning is the time, alike for jobs of one moment."""
        return f"…{str(job.pk)[-12:]}"

    @display(description="state")
    def state_badge(self, job):
        colour, text = wording.state_badge(job)
        return format_html(
            '<span class="job-badge job-badge-{}">{}</span>', colour or "plain", text
        )

    @display(description="progress", ordering=None)
    def progress_bar(self, job):
        return format_html(
            '<progress class="job-bar" max="100" value="{}" aria-label="{} per cent"></progress>'
            '<span class="job-percent">{} %</span>',
            job.progress,
            job.progress,
            job.progress,
        )

    @display(description="attempts")
    def attempt_count(self, job):
        return f"{job.attempts} / {job.max_attempts}"

    @display(description="waited")
    def waited(self, job):
        return wording.format_duration(wording.wait_time(job))

    @display(description="ran")
    def ran(self, job):
        return wording.format_duration(wording.run_time(job))

    @display(description="created", ordering="created_at")
    def created(self, job):
        return wording.format_moment(job.created_at)

    def get_queryset(self, request):
        # What a handler keeps for itself can be long, and no page shows it.
        return super().get_queryset(request).defer("cursor")

    def changelist_view(self, request, extra_context=None):
        jobs = self.get_queryset(request)
        presets = list_presets(jobs, request.GET.get("state"))
        context = {"presets": presets, "attention": list_attention(self, jobs, presets)}
        return super().changelist_view(request, {**(extra_context or {}), **context})

    def get_ordering(self, request):
        """Among jobs in trouble the stuck ones come first: they can go on at once."""
        if request.GET.get("state") != "trouble":
            return super().get_ordering(request)
        active = self.model.states.active
        return [Case(When(status=active, then=0), default=1), "-created_at", "-id"]

    # The job's page

    def get_fieldsets(self, request, obj=None):
        counters = {*(self.counter_fields or default_counters(self.model))}
        own = [name for name in own_fields(self.model) if name not in counters]
        kernel = ("Technical details", {"fields": KERNEL_DETAILS, "classes": ["collapse"]})
        return [("Details", {"fields": own}), kernel] if own else [kernel]

    def get_counters(self, job):
        """(label, number) pairs that move while the job runs."""
        names = self.counter_fields
        if names is None:
            names = default_counters(self.model)
        label = self.opts.get_field
        return [(label(name).verbose_name.capitalize(), getattr(job, name)) for name in names]

    def get_next_step(self, job, *, is_paused):
        return self.error_advice.get(job.error_code) or wording.next_step(job, is_paused=is_paused)

    def render_change_form(self, request, context, *args, **kwargs):
        context.update(panel_context(self, request, kwargs["obj"]))
        context["title"] = self.get_row_title(kwargs["obj"])
        context["subtitle"] = None
        return super().render_change_form(request, context, *args, **kwargs)

    def live_view(self, request, job):
        context = panel_context(self, request, job)
        return TemplateResponse(request, "jobs/admin/panel.html", context)

    verb_noun = "job"

    def get_verb_initial(self, row):
        return {"priority": row.priority}

    def get_row_title(self, row):
        return f"{self.opts.verbose_name} {row.pk}".capitalize()

    def get_badge(self, row):
        return wording.state_badge(row)

    def get_urls(self):
        stem = f"{self.opts.app_label}_{self.opts.model_name}"
        live = permission_view(self, self.live_view, permission="view")
        return [path("<uuid:object_id>/live/", live, name=f"{stem}_live"), *super().get_urls()]

    # Who may do what

    def permission_of(self, verb):
        return self.model.permission_for(verb)
