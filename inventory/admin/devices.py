"""Devices: found, looked at, moved, taken out of stock, brought back, exported."""

from dataclasses import replace
from functools import partial

from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.utils.html import format_html

from accounts.admin_base import ReadOnlyAdmin
from accounts.errors import DomainError
from accounts.unfold import action, display
from inventory.admin.base import OneOrganization, badge, find_organization, moment, page_url
from inventory.admin.device_filters import OWN_FILTERS, PLACE_FILTER, filters_of
from inventory.admin.device_page import device_context
from inventory.admin.device_verbs import DEVICE_VERBS, EXPORT
from inventory.admin.device_words import marks_of, status_badge, working_badge
from inventory.errors import ExportInvalid
from inventory.models import Device
from inventory.selectors.devices import SEARCH_HELP, search_devices, with_parts
from inventory.selectors.places import list_places
from inventory.services.exporting import submit_export
from jobs.admin_base import ORGANIZATION_FILTER, VerbPages
from jobs.admin_base.bulk import answer_bulk, ask, is_confirmed

PERMISSION, EXPORT_PERMISSION = "inventory.move_device", "inventory.export_stock"


@admin.register(Device)
class DeviceAdmin(VerbPages, ReadOnlyAdmin, OneOrganization):
    list_display = [
        "number",
        "name",
        "stock_number",
        "place",
        "working",
        "battery",
        "marks",
        "last_seen",
    ]
    list_filter = [ORGANIZATION_FILTER, PLACE_FILTER, *OWN_FILTERS]
    search_help_text = SEARCH_HELP
    search_exact = ["id"]
    ordering = ["organization", "-updated_at", "-id"]
    actions = [
        "move_selected",
        "remove_selected",
        "restore_selected",
        "accept_selected",
        "export_selected",
    ]
    empty_text = "Every phone that the queue completes is one: import a file, or scan phones in."
    change_form_template = "inventory/admin/device.html"
    verbs = list(DEVICE_VERBS)
    verb_set = DEVICE_VERBS
    verb_noun = "device"
    id_converter = "str"

    class Media:
        css = {"all": ["inventory/stock_admin.css"]}

    # The list

    @display(description="IMEI", ordering="imei")
    def number(self, device):
        return format_html('<span class="job-nowrap">{}</span>', device.imei)

    @display(description="SKU")
    def stock_number(self, device):
        return device.sku or ""

    @display(description="place")
    def place(self, device):
        return "removed" if device.status == "removed" else device.stock.location.name

    @display(description="working")
    def working(self, device):
        return badge(*working_badge(device.inspection.working_status))

    @display(description="battery")
    def battery(self, device):
        health = device.inspection.battery_health
        return "" if health is None else f"{health} %"

    @display(description="to look at")
    def marks(self, device):
        return marks_of(device)

    @display(description="last seen")
    def last_seen(self, device):
        return moment(device.updated_at)

    def get_queryset(self, request):
        return with_parts(super().get_queryset(request))

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip():
            return queryset, False
        organization = find_organization(request)
        if organization is None:
            return queryset.none(), False
        return search_devices(queryset, search_term, [organization.pk]), False

    # The page of a device

    def get_fieldsets(self, request, obj=None):
        return [
            (
                "Technical details",
                {"fields": self.get_fields(request, obj), "classes": ["collapse"]},
            )
        ]

    def get_row_title(self, row):
        return f"{row.imei} {row.name}"

    def get_badge(self, row):
        return status_badge(row)

    def render_change_form(self, request, context, *args, **kwargs):
        device = kwargs["obj"]
        context.update(device_context(self, request, device))
        context.update(title=device.name, subtitle=device.imei)
        return super().render_change_form(request, context, *args, **kwargs)

    # What people do

    def permission_of(self, verb):
        return PERMISSION

    def has_export_permission(self, request, obj=None):
        is_granted = request.user.has_perm(EXPORT_PERMISSION)
        return is_granted and self.has_view_permission(request)

    def verb_view(self, request, row, *, verb):
        return super().verb_view(request, row, verb=_offering_places(verb, row.organization_id))

    def answer_selected(self, request, queryset, verb):
        organization = find_organization(request)
        chosen = _offering_places(DEVICE_VERBS[verb], organization and organization.pk)
        try:
            return answer_bulk(self, request, queryset, chosen)
        except DomainError as error:
            self.message_user(request, f"Nothing was changed. {error.message}", messages.ERROR)
            return None

    @action(description="Export", permissions=["export"])
    def export_selected(self, request, queryset):
        form = EXPORT.form(request.POST if is_confirmed(request) else None)
        if not (is_confirmed(request) and form.is_valid()):
            return ask(self, request, queryset, queryset, EXPORT, form)
        try:
            job = self._submit_export(request, queryset, form.cleaned_data)
        except DomainError as error:
            self.message_user(request, f"Nothing is exported. {error.message}", messages.ERROR)
            return None
        self.message_user(request, "The file is being written.", messages.SUCCESS)
        return HttpResponseRedirect(page_url("stockjob", job.pk))

    def _submit_export(self, request, queryset, data):
        organization = find_organization(request)
        if organization is None:
            raise ExportInvalid("Choose an organization first")
        return submit_export(
            organization_id=organization.pk,
            actor=request.user,
            kind="devices",
            format=data["format"],
            reason=data["reason"],
            **self._chosen(request, queryset),
        )

    def _chosen(self, request, queryset):
        """More than a page shows come from "select all": then the filters say which."""
        if request.POST.get("select_across") == "1":
            return {"filters": filters_of(request)}
        imeis = list(queryset.order_by("pk").values_list("imei", flat=True))
        if not imeis:
            # No IMEI at all would mean all devices.
            raise ExportInvalid("None of the chosen devices is there any more")
        return {"imeis": imeis}


def _offering_places(verb, organization_id):
    if verb.name != "move" or organization_id is None:
        return verb
    places = [(place.warehouse.name, place.name) for place in list_places(organization_id)]
    return replace(verb, form=partial(verb.form, places=places))
