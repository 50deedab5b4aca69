"""What the pages of the queue share: one organization at a time, badges, links."""

from functools import cached_property

from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html

from accounts.models import Organization
from inventory.rules.imei import read_imei
from inventory.rules.refusals import ItemRefused
from inventory.selectors.control import is_paused, is_stopped
from inventory.selectors.items import BIGGEST_ID
from inventory.selectors.queues import list_queues
from jobs.admin_base import BigTableAdmin, BoundedPaginator, format_moment

# The name that the filter of the lists has for it.
ORGANIZATION = "organization__id__exact"
STYLE = "inventory/queue_admin.css"


def list_url(model_name: str, **query) -> str:
    return reverse(f"admin:inventory_{model_name}_changelist", query=query)


def page_url(model_name: str, pk, page: str = "change") -> str:
    return reverse(f"admin:inventory_{model_name}_{page}", args=[pk])


def link(url: str, text):
    return format_html('<a class="job-link" href="{}">{}</a>', url, text)


def badge(colour: str, text: str):
    return format_html('<span class="job-badge job-badge-{}">{}</span>', colour or "plain", text)


def moment(value):
    return format_html('<span class="job-nowrap">{}</span>', format_moment(value))


def narrow_moment(value):
    """On two lines where it must; a date alone would break at its hyphens."""
    day, _, time = format_moment(value).partition(" ")
    return format_html('<span class="job-nowrap">{}</span> {}', day, time)


def halt_text(organization_id) -> str:
    """Why nothing is taken off this queue now; empty when it runs."""
    if is_stopped(organization_id):
        return "Processing is stopped: it waits until somebody starts the queue on its page."
    return "Drains are paused for all organizations by an administrator." if is_paused() else ""


def count_text(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def is_list(request) -> bool:
    """Whether the request is for a list, not for the page of one row."""
    match = request.resolver_match
    return bool(match and match.url_name and match.url_name.endswith("_changelist"))


def is_search(request) -> bool:
    return bool(request.GET.get(SEARCH_VAR, "").strip())


def search_items(queryset, term: str, *, imei: str, pk: str):
    """By an IMEI as people write it, else by the id of the item."""
    try:
        return queryset.filter(**{imei: read_imei(term).imei})
    except ItemRefused:
        is_id = term.isascii() and term.isdigit() and int(term[:20]) <= BIGGEST_ID
        return queryset.filter(**{pk: int(term)}) if is_id else queryset.none()


def find_organization(request) -> Organization | None:
    """The one that was asked for, else the one that the person acts for; found once a request."""
    if not hasattr(request, "queue_organization"):
        request.queue_organization = _find_organization(request)
    return request.queue_organization


def _find_organization(request) -> Organization | None:
    asked = request.GET.get(ORGANIZATION)
    if not asked:
        sees_all = request.user.sees_all_organizations
        return None if sees_all else request.user.organization
    try:
        return Organization.objects.visible_to(request.user).filter(pk=asked).first()
    except ValidationError:
        # A text that is no id is nobody's.
        return None


class KeysFirstPaginator(BoundedPaginator):
    """Finds the rows of a page by an index alone, then reads them.

    What a filter passes over on the way is not looked up in the table.
    """

    @cached_property
    def head(self):
        return self._read(0, self.per_page + 1)

    def page(self, number):
        number = self.validate_number(number)
        if number == 1:
            return self._get_page(self.head[: self.per_page], number, self)
        first = (number - 1) * self.per_page
        return self._get_page(self._read(first, first + self.per_page), number, self)

    def _read(self, first: int, last: int):
        keys = list(self.object_list.values_list("pk", flat=True)[first:last])
        rows = self.object_list.order_by().in_bulk(keys)
        return [rows[key] for key in keys if key in rows]


class OneOrganization(BigTableAdmin):
    """A list over millions of rows, of one organization at a time: every index starts with it.

    Who sees all of them chooses; where only one has a queue, it is that one.
    """

    list_before_template = "inventory/admin/list_head.html"
    paginator = KeysFirstPaginator

    class Media:
        css = {"all": ["jobs/admin.css", STYLE]}

    def changelist_view(self, request, extra_context=None):
        organization = find_organization(request)
        is_open = organization is None and self.has_view_permission(request)
        queues = list_queues(request.user) if is_open else []
        if len(queues) == 1 and request.method == "GET" and ORGANIZATION not in request.GET:
            query = request.GET.copy()
            query[ORGANIZATION] = str(queues[0].organization.pk)
            return HttpResponseRedirect(f"?{query.urlencode()}")
        context = {
            "organization": organization,
            "is_organization_missing": organization is None and not is_search(request),
            "queues": [(queue, f"?{ORGANIZATION}={queue.organization.pk}") for queue in queues],
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def get_changelist_instance(self, request):
        changes = super().get_changelist_instance(request)
        if find_organization(request) is None:
            changes.choose_first = "" if is_search(request) else "queue"
        elif not {name for name, value in request.GET.items() if value} - {ORGANIZATION}:
            # Who sees one queue does not take it for a filter.
            changes.has_active_filters = False
            changes.full_result_count = changes.result_count
        return changes

    def get_queryset(self, request):
        """Only the list asks for an organization: a row's own page is found by its key."""
        queryset = super().get_queryset(request)
        if not is_list(request):
            return queryset
        organization = find_organization(request)
        if organization is not None:
            return queryset.filter(organization=organization)
        if ORGANIZATION in request.GET or not is_search(request):
            return queryset.none()
        # Named one by one, so that the indexes can be used.
        own = [queue.organization.pk for queue in list_queues(request.user)]
        return queryset.filter(organization__in=own)

    def get_list_display(self, request):
        """Who searches in all queues wants to know in which one a row is."""
        columns = super().get_list_display(request)
        return columns if find_organization(request) else [*columns, "organization"]
