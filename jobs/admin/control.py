from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from accounts.admin_base import ReadOnlyAdmin, permission_view
from accounts.unfold import ModelAdmin, display
from jobs.admin_base import PlainForm, ReasonForm, ask_first
from jobs.models import PausedJobType, WorkerHost
from jobs.registry import list_handlers
from jobs.selectors import list_job_types_with_load
from jobs.selectors.hosts import IS_ALIVE
from jobs.services import pause_job_type, resume_job_type


class InstallationAdmin(ReadOnlyAdmin):
    """For tables without an organization: they tell about the installation."""

    def get_queryset(self, request):
        return ModelAdmin.get_queryset(self, request)


@admin.register(PausedJobType)
class PausedJobTypeAdmin(InstallationAdmin):
    """Every type of job with its load; people with the permission pause and resume it here."""

    class Media:
        css = {"all": ["jobs/admin.css"]}

    def has_pause_permission(self, request, obj=None):
        return request.user.has_perm("jobs.pause_job_type")

    def has_view_permission(self, request, obj=None):
        return self.has_pause_permission(request) or super().has_view_permission(request, obj)

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": "Job types",
            "opts": self.opts,
            "types": list_job_types_with_load(user=request.user),
            "can_pause": self.has_pause_permission(request),
            "media": self.media,
        }
        return TemplateResponse(request, "jobs/admin/job_types.html", context)

    def get_urls(self):
        pages = [
            path(
                f"<str:job_type>/{verb}/",
                permission_view(self, view, permission="pause"),
                name=f"jobs_pausedjobtype_{verb}",
            )
            for verb, view in (("pause", self.pause_view), ("resume", self.resume_view))
        ]
        return [*pages, *super().get_urls()]

    def pause_view(self, request, job_type):
        effect = "No job of this type starts, and running ones stop after the step in hand."
        form = ReasonForm(request.POST or None)
        form.fields["reason"].help_text = "Optional. Shown with your name while the type is paused."
        if request.method == "POST" and form.is_valid():
            pause_job_type(
                self._known(job_type), actor=request.user, reason=form.cleaned_data["reason"]
            )
            return self._back(request, f"{job_type} is paused.")
        return self._ask(request, job_type, "Pause", effect, form)

    def resume_view(self, request, job_type):
        effect = "Waiting jobs of this type start again, the most urgent first."
        if request.method == "POST":
            resume_job_type(self._known(job_type))
            return self._back(request, f"{job_type} goes on.")
        return self._ask(request, job_type, "Resume", effect, PlainForm())

    def _known(self, job_type):
        if job_type not in {handler.name for handler in list_handlers()}:
            raise Http404
        return job_type

    def _back(self, request, text):
        self.message_user(request, text, messages.SUCCESS)
        return HttpResponseRedirect(self._list_url())

    def _list_url(self):
        return reverse(f"{self.admin_site.name}:jobs_pausedjobtype_changelist")

    def _ask(self, request, job_type, label, effect, form):
        title, back_url = f"{label} {self._known(job_type)}", self._list_url()
        return ask_first(
            self, request, title=title, effect=effect, label=label, form=form, back_url=back_url
        )


@admin.register(WorkerHost)
class WorkerHostAdmin(InstallationAdmin):
    list_display = ["name", "queue", "workers", "is_alive", "started_at", "seen_at", "beat_at"]
    fields = [
        "name",
        "host",
        "queue",
        "workers",
        "is_alive",
        "restarts",
        "started_at",
        "seen_at",
        "beat_at",
    ]
    ordering = ["-seen_at", "id"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(alive=IS_ALIVE)

    @display(description="alive", boolean=True)
    def is_alive(self, host):
        return host.alive
