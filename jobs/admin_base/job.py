from collections.abc import Mapping, Sequence
from functools import partial

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.html import format_html

from accounts.admin_base import ReadOnlyAdmin, permission_view
from accounts.errors import DomainError
from accounts.unfold import action, display
from jobs.admin_base import wording
from jobs.admin_base.big_table import BigTableAdmin
from jobs.admin_base.bulk import answer_bulk
from jobs.admin_base.checks import JobChecks
from jobs.admin_base.filters import ORGANIZATION_FILTER, KindFilter, StateFilter, preset_range
from jobs.admin_base.panel import default_counters, own_fields, panel_context, url_for
from jobs.admin_base.presets import list_presets
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


class JobAdmin(BigTableAdmin, ReadOnlyAdmin):
    """List and live page of a job model. Rows are read-only; people act through the verbs.

    A subclass may narrow `verbs`, name `counter_fields` for the job page, and say by `error_advice`
    what to do about an error code. Its own columns go into `list_display` where they fit.
    """

    verbs: Sequence[str] = KERNEL_VERBS
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
        presets = list_presets(self.get_queryset(request), request.GET.get("state"))
        return super().changelist_view(request, {**(extra_context or {}), "presets": presets})

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
        context["title"] = f"{self.opts.verbose_name} {kwargs['obj'].pk}".capitalize()
        context["subtitle"] = None
        return super().render_change_form(request, context, *args, **kwargs)

    def live_view(self, request, job):
        context = panel_context(self, request, job)
        return TemplateResponse(request, "jobs/admin/panel.html", context)

    def verb_view(self, request, job, *, verb):
        """Asks by GET, acts by POST."""
        form = verb.form(
            request.POST if request.method == "POST" else None, initial={"priority": job.priority}
        )
        if request.method == "POST" and form.is_valid():
            self._act(request, job, verb, form.cleaned_data)
            return HttpResponseRedirect(url_for(self, "change", job))
        context = {
            **self.admin_site.each_context(request),
            "title": f"{verb.label}: are you sure?",
            "opts": self.opts,
            "job": job,
            "badge": wording.state_badge(job),
            "verb": verb,
            "form": form,
            "is_possible": verb.is_possible(job),
            "back_url": url_for(self, "change", job),
            "media": self.media,
        }
        return TemplateResponse(request, "jobs/admin/confirm.html", context)

    def _act(self, request, job, verb, data):
        try:
            verb.act(job, request.user, data)
        except DomainError as error:
            self.message_user(request, f"Nothing was changed. {error.message}", messages.ERROR)
        else:
            self.message_user(request, f"The job was {verb.done}.", messages.SUCCESS)

    def get_urls(self):
        stem = f"{self.opts.app_label}_{self.opts.model_name}"
        live = permission_view(self, self.live_view, permission="view")
        pages = [path("<uuid:object_id>/live/", live, name=f"{stem}_live")]
        for name in self.verbs:
            view = partial(self.verb_view, verb=VERBS[name])
            guarded = permission_view(self, view, permission=name)
            pages.append(path(f"<uuid:object_id>/{name}/", guarded, name=f"{stem}_{name}"))
        return [*pages, *super().get_urls()]

    # Who may do what

    def has_verb_permission(self, request, verb):
        is_granted = request.user.has_perm(self.model.permission_for(verb))
        return verb in self.verbs and is_granted and self.has_view_permission(request)

    def has_retry_permission(self, request, obj=None):
        return self.has_verb_permission(request, "retry")

    def has_cancel_permission(self, request, obj=None):
        return self.has_verb_permission(request, "cancel")

    def has_requeue_permission(self, request, obj=None):
        return self.has_verb_permission(request, "requeue")

    def has_prioritise_permission(self, request, obj=None):
        return self.has_verb_permission(request, "prioritise")

    def has_run_permission(self, request, obj=None):
        return self.has_verb_permission(request, "run")

    @action(description="Retry", permissions=["retry"])
    def retry_selected(self, request, queryset):
        return answer_bulk(self, request, queryset, VERBS["retry"])

    @action(description="Cancel", permissions=["cancel"])
    def cancel_selected(self, request, queryset):
        return answer_bulk(self, request, queryset, VERBS["cancel"])

    @action(description="Requeue", permissions=["requeue"])
    def requeue_selected(self, request, queryset):
        return answer_bulk(self, request, queryset, VERBS["requeue"])

    @action(description="Change priority", permissions=["prioritise"])
    def prioritise_selected(self, request, queryset):
        return answer_bulk(self, request, queryset, VERBS["prioritise"])

    @action(description="Run now", permissions=["run"])
    def run_selected(self, request, queryset):
        return answer_bulk(self, request, queryset, VERBS["run"])
