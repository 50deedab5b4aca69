"""Files of phones: sent in, asked about, mapped, tried and queued. Nothing is queued before."""

from functools import partial
from itertools import count
from pathlib import PurePath

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone

from accounts.admin_base import permission_view
from accounts.api.files import file_answer
from accounts.errors import DomainError
from accounts.unfold import display
from inventory.admin.base import count_text
from inventory.admin.imports_context import batch_link, page_context
from inventory.errors import ImportRepeated
from inventory.forms.imports import AnswerForm, ImportForm, MappingForm
from inventory.models import ImportStatus, QueueImport
from inventory.selectors.imports import Question, get_preview, read_import_errors
from inventory.services.exporting import stream_table
from inventory.services.importing import (
    answer_question,
    cancel_import,
    create_import,
    create_import_from_text,
    queue_import,
    set_mapping,
)
from jobs.admin_base import (
    ORGANIZATION_FILTER,
    VERBS,
    JobAdmin,
    ReasonForm,
    StateFilter,
    Verb,
    preset_range,
)
from jobs.admin_base.panel import panel_context
from tables.streaming import CSV_CONTENT_TYPE, XLSX_CONTENT_TYPE

_PAGES = ("answer", "mapping", "queue", "errors_csv", "errors_xlsx")
PERMISSION = "inventory.import_file"
# A retry reads the same bytes again.
OF_THE_FILE = (
    "table_unreadable",
    "table_protected",
    "table_too_large",
    "table_too_many_rows",
)
_OPEN = (ImportStatus.UPLOADED, ImportStatus.READING, ImportStatus.READY)
_CONTENT_TYPES = {"csv": CSV_CONTENT_TYPE, "xlsx": XLSX_CONTENT_TYPE}

CANCEL = Verb(
    name="cancel",
    label="Cancel",
    icon="cancel",
    effect="The import is given up: nothing of its file is queued.",
    done="cancelled",
    condition="an import that was queued, or has failed, cannot be cancelled",
    form=ReasonForm,
    is_possible=lambda row: row.status in _OPEN,
    candidates=lambda rows: rows.filter(status__in=_OPEN),
    act=lambda row, actor, data: cancel_import(
        queue_import=row, actor=actor, reason=data["reason"]
    ),
    is_dangerous=True,
)


@admin.register(QueueImport)
class QueueImportAdmin(JobAdmin):
    verbs = ["retry", "cancel", "requeue", "run"]
    verb_set = {**VERBS, "cancel": CANCEL}
    verb_noun = "import"
    list_display = [
        "content",
        "state_badge",
        "rows",
        "batch",
        "organization",
        "created_by",
        "created",
    ]
    empty_text = "A file or a pasted list is checked first; nothing is queued before you say so."
    list_filter = [StateFilter, "status", ORGANIZATION_FILTER, preset_range("created_at")]
    list_select_related = ["organization", "created_by"]
    counter_fields = []
    error_advice = dict.fromkeys(
        OF_THE_FILE, "This import stays as it is: send the corrected file."
    )
    list_before_template = "inventory/admin/import_head.html"

    class Media:
        css = {"all": ["inventory/imports.css"]}

    @display(description="file")
    def content(self, row):
        return row.file_name or "Pasted list"

    @display(description="rows")
    def rows(self, row):
        counts = {name: row.counts.get(name) for name in ("new", "update", "duplicate", "invalid")}
        return ", ".join(f"{n:,} {name}" for name, n in counts.items() if n) or "-"

    @display(description="batch")
    def batch(self, row):
        return row.batch_id or "-"

    # Who may do what

    def has_view_permission(self, request, obj=None):
        return self.has_import_permission(request) or super().has_view_permission(request, obj)

    def has_add_permission(self, request, obj=None):
        return self.has_import_permission(request)

    def has_import_permission(self, request, obj=None):
        return request.user.has_perm(PERMISSION)

    def permission_of(self, verb):
        return PERMISSION if verb == "cancel" else super().permission_of(verb)

    # Pages

    def get_urls(self):
        pages = [
            ("answer/", "answer", self.answer_view),
            ("mapping/", "mapping", self.mapping_view),
            ("queue/", "queue", self.queue_view),
            ("errors.csv", "errors_csv", partial(self.errors_view, format="csv")),
            ("errors.xlsx", "errors_xlsx", partial(self.errors_view, format="xlsx")),
        ]
        stem = f"{self.opts.app_label}_{self.opts.model_name}"
        own = [
            path(
                f"<uuid:object_id>/{route}",
                permission_view(self, view, permission="import"),
                name=f"{stem}_{name}",
            )
            for route, name, view in pages
        ]
        return [*own, *super().get_urls()]

    def add_view(self, request, form_url="", extra_context=None):
        if not self.has_add_permission(request):
            raise PermissionDenied
        is_sent = request.method == "POST"
        form = ImportForm(*([request.POST, request.FILES] if is_sent else []), user=request.user)
        context = {"form": form}
        if is_sent and form.is_valid():
            try:
                return _went_to(request, self.page_url("change", _create(request.user, form)))
            except ImportRepeated as error:
                context["repeated"] = error
            except DomainError as error:
                form.add_error(None, error.message)
        return self._answer(request, "inventory/admin/import_new.html", "Import a file", context)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self._page(request, self.get_visible_object(request, object_id))

    def live_view(self, request, job):
        context = self._context(request, job)
        return TemplateResponse(request, "inventory/admin/import_panel.html", context)

    def answer_view(self, request, row):
        """Answer what the file leaves open; of a header also what was taken for granted."""
        if request.method != "POST":
            return self._back(row)
        question = get_preview(row).question
        form = AnswerForm(request.POST, question=question or Question("header"))
        if form.is_valid():
            try:
                answer_question(queue_import=row, actor=request.user, **form.cleaned_data["answer"])
                return self._back(row)
            except DomainError as error:
                form.add_error("answer", error.message)
        if question is not None:
            return self._page(request, row, answer_form=form)
        self.message_user(request, form.errors["answer"][0], messages.ERROR)
        return self._back(row)

    def mapping_view(self, request, row):
        """Say which columns fill which fields; the dry run is then done anew."""
        if request.method != "POST":
            return self._back(row)
        form = MappingForm(request.POST, columns=get_preview(row).columns)
        if form.is_valid():
            try:
                set_mapping(queue_import=row, actor=request.user, mapping=form.mapping())
                return self._back(row)
            except DomainError as error:
                form.add_error(None, error.message)
        return self._page(request, row, mapping_form=form)

    def queue_view(self, request, row):
        if request.method != "POST":
            return self._back(row)
        confirmed = request.POST.get("confirmed") == "on"
        try:
            added = queue_import(
                queue_import=row, actor=request.user, confirmed=confirmed, now=timezone.now()
            )
        except ImportRepeated as error:
            return self._page(request, row, repeated=error)
        except DomainError as error:
            self.message_user(request, f"Nothing was queued. {error.message}", messages.ERROR)
            return self._back(row)
        text = f"{count_text(added.added, 'item')} queued."
        self.message_user(request, text, messages.SUCCESS)
        row.refresh_from_db()
        link = batch_link(row)
        return HttpResponseRedirect(link["url"]) if link and link["url"] else self._back(row)

    def errors_view(self, request, row, *, format):
        """The invalid rows as they were sent, with their reasons."""
        pieces = stream_table(read_import_errors(row), format, count())
        name = f"{PurePath(row.file_name).stem or 'pasted'}-errors.{format}"
        return file_answer(pieces, name=name, content_type=_CONTENT_TYPES[format])

    def get_row_title(self, row):
        return row.file_name or "Pasted list"

    def _back(self, row):
        return HttpResponseRedirect(self.page_url("change", row))

    def _page(self, request, row, **more):
        context = {**self._context(request, row), **more}
        template = "inventory/admin/import_page.html"
        return self._answer(request, template, self.get_row_title(row), context)

    def _context(self, request, row):
        urls = {f"{name}_url": self.page_url(name, row) for name in _PAGES}
        return {
            **panel_context(self, request, row),
            **page_context(row),
            **urls,
            "row_title": self.get_row_title(row),
            "can_import": self.has_import_permission(request),
        }

    def _answer(self, request, template, title, context):
        base = {**self.admin_site.each_context(request), "opts": self.opts, "media": self.media}
        return TemplateResponse(request, template, {**base, **context, "title": title})


def _create(user, form):
    fields = form.cleaned_data
    common = {
        "organization_id": fields["organization"].pk,
        "actor": user,
        "now": timezone.now(),
        **form.options(),
    }
    file = fields["file"]
    if file is None:
        return create_import_from_text(text=fields["text"], **common)
    return create_import(file=file, file_name=file.name, **common)


def _went_to(request, url):
    """A form that htmx sent cannot follow a redirect to another page by itself."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)
