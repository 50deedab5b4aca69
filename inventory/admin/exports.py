"""Exports and other long work over stock: asked for, followed, fetched while they are kept."""

from pathlib import Path

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html

from accounts.admin_base import permission_view
from accounts.errors import DomainError
from accounts.unfold import display
from inventory.forms.exports import NewExportForm
from inventory.models import StockJob, StockJobKind
from inventory.selectors.export_jobs import open_export
from inventory.services.exporting import submit_export
from jobs.admin_base import (
    ORGANIZATION_FILTER,
    JobAdmin,
    PlainForm,
    StateFilter,
    Verb,
    preset_range,
)
from jobs.states import State
from tables.streaming import CSV_CONTENT_TYPE, XLSX_CONTENT_TYPE

PERMISSION = "inventory.export_stock"
_CONTENT_TYPES = {"csv": CSV_CONTENT_TYPE, "xlsx": XLSX_CONTENT_TYPE}

# A link that looks like the verbs beside it; nobody is asked, and no list offers it.
DOWNLOAD = Verb(
    name="download",
    label="Download",
    icon="download",
    effect="",
    done="downloaded",
    condition="only a file that is written and kept can be downloaded",
    form=PlainForm,
    is_possible=lambda job: is_ready(job),
    candidates=lambda jobs: jobs,
    act=lambda job, actor, data: job,
)


@admin.register(StockJob)
class StockJobAdmin(JobAdmin):
    list_display = [
        "what",
        "state_badge",
        "rows",
        "file_link",
        "organization",
        "created_by",
        "created",
    ]
    list_filter = [StateFilter, ORGANIZATION_FILTER, preset_range("created_at")]
    empty_text = "An export of devices, stock or items is ready for download here for seven days."
    list_select_related = ["organization", "created_by"]
    counter_fields = ["row_count"]

    class Media:
        css = {"all": ["inventory/stock_admin.css"]}

    @display(description="what")
    def what(self, job):
        return format_html('<span class="job-nowrap">{}</span>', _what(job))

    @display(description="rows")
    def rows(self, job):
        return f"{job.row_count:,}"

    @display(description="file")
    def file_link(self, job):
        if not is_ready(job):
            return "deleted" if job.file else ""
        url = self.page_url("file", job)
        kept = f"until {timezone.localtime(job.expires_at):%Y-%m-%d}" if job.expires_at else ""
        return format_html(
            '<a class="job-link" href="{}">Download</a> <span class="job-note job-nowrap">{}</span>',
            url,
            kept,
        )

    def get_fieldsets(self, request, obj=None):
        own, *rest = super().get_fieldsets(request, obj)
        # The file's own address is that of the storage, which serves nobody.
        names = [name for name in own[1]["fields"] if name != "file"]
        return [(own[0], {"fields": names, "classes": ["collapse"]}), *rest]

    def get_verb_buttons(self, request, row):
        """The file is beside the verbs, where it appears as soon as it is written."""
        buttons = super().get_verb_buttons(request, row)
        if is_ready(row) and self.has_export_permission(request):
            buttons.insert(0, {"verb": DOWNLOAD, "url": self.page_url("file", row)})
        return buttons

    def get_next_step(self, job, *, is_paused):
        is_gone = job.state is State.DONE and job.kind == StockJobKind.EXPORT and not is_ready(job)
        if is_gone:
            return "The file was kept for seven days. Start a new export to have it again."
        return super().get_next_step(job, is_paused=is_paused)

    def get_row_title(self, row):
        return _what(row)

    # Who may do what

    def has_view_permission(self, request, obj=None):
        return self.has_export_permission(request) or super().has_view_permission(request, obj)

    def has_add_permission(self, request, obj=None):
        return self.has_export_permission(request)

    def has_export_permission(self, request, obj=None):
        return request.user.has_perm(PERMISSION)

    # Pages

    def get_urls(self):
        file_page = permission_view(self, self.file_view, permission="export")
        name = "inventory_stockjob_file"
        return [path("<uuid:object_id>/file/", file_page, name=name), *super().get_urls()]

    def file_view(self, request, job):
        try:
            file = open_export(job) if is_ready(job) else None
        except DomainError as error:
            self.message_user(request, f"{error.message}.", messages.WARNING)
            return HttpResponseRedirect(self.page_url("change", job))
        if file is None:
            text = "There is no file: it is not written yet, or was kept long enough."
            self.message_user(request, text, messages.WARNING)
            return HttpResponseRedirect(self.page_url("change", job))
        return FileResponse(
            file,
            as_attachment=True,
            filename=Path(job.file.name).name,
            content_type=_CONTENT_TYPES[job.options["format"]],
        )

    def add_view(self, request, form_url="", extra_context=None):
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = NewExportForm(request.POST or None, user=request.user, initial=_initial(request))
        if request.method == "POST" and form.is_valid():
            try:
                job = _submit(request.user, form)
            except DomainError as error:
                form.add_error(None, error.message)
            else:
                self.message_user(request, "The file is being written.", messages.SUCCESS)
                return HttpResponseRedirect(self.page_url("change", job))
        context = {
            **self.admin_site.each_context(request),
            "title": "New export",
            "opts": self.opts,
            "form": form,
            "media": self.media,
        }
        return TemplateResponse(request, "inventory/admin/export_new.html", context)


def is_ready(job) -> bool:
    """The file is there, and is not to be deleted at any moment."""
    return bool(job.file) and (job.expires_at is None or job.expires_at > timezone.now())


def _what(job) -> str:
    if job.kind != StockJobKind.EXPORT:
        return "SKU rules applied to devices"
    return (
        f"Export of {job.options.get('kind', 'devices')} as {job.options.get('format', '').upper()}"
    )


def _initial(request) -> dict[str, str]:
    """What the page that led here had chosen."""
    names = ("organization", "kind", "warehouse")
    return {name: request.GET[name] for name in names if name in request.GET}


def _submit(user, form) -> StockJob:
    return submit_export(
        organization_id=form.cleaned_data["organization"].pk,
        actor=user,
        kind=form.cleaned_data["kind"],
        format=form.cleaned_data["format"],
        filters=form.filters(),
        reason=form.cleaned_data["reason"],
    )
