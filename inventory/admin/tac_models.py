from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from accounts.admin_base import confirm_action, permission_view
from accounts.errors import DomainError
from accounts.unfold import action, display
from inventory.admin.rules_base import RulesAdmin
from inventory.forms.rules import TacFileForm, TacForm
from inventory.models import TacModel
from inventory.services.learning import confirm_tacs, suggest_models
from inventory.services.tac_import import import_tacs
from jobs.admin_base import ORGANIZATION_FILTER


@admin.register(TacModel)
class TacModelAdmin(RulesAdmin):
    form = TacForm
    list_display = ["digits", "brand", "model", "devices", "confirmed", "organization"]
    list_filter = ["confirmed", ORGANIZATION_FILTER]
    search_fields = ["tac__startswith", "brand", "model"]
    search_help_text = "Finds: start of TAC, brand, model"
    ordering = ["organization", "tac"]
    actions = ["confirm_selected"]
    list_before_template = "inventory/admin/tac_models_head.html"

    @display(description="TAC", ordering="tac")
    def digits(self, tac):
        return tac.tac

    @display(description="devices that agree", ordering="device_count")
    def devices(self, tac):
        return f"{tac.device_count:,}"

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        suggest_models(organization_id=obj.organization_id)

    @action(description="Confirm", permissions=["manage"])
    def confirm_selected(self, request, queryset):
        question = "Confirm these models? What devices say later does not change them any more."
        page = confirm_action(self, request, queryset, action="confirm_selected", question=question)
        if page is not None:
            return page
        # The list may ask for those that are not confirmed: afterwards they are not in it.
        rows = list(queryset.filter(confirmed=False).order_by("pk"))
        count = confirm_tacs(TacModel.objects.filter(pk__in=[row.pk for row in rows]))
        noun = "model" if count == 1 else "models"
        LogEntry.objects.log_actions(request.user.pk, rows, CHANGE, change_message="Confirmed.")
        self.message_user(request, f"{count:,} TAC {noun} confirmed.", messages.SUCCESS)
        return None

    def get_urls(self):
        page = permission_view(self, self.import_view, permission="manage")
        return [path("import/", page, name="inventory_tacmodel_import"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        context = {"may_import": self.has_manage_permission(request)}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def import_view(self, request):
        sent = [request.POST, request.FILES] if request.method == "POST" else []
        form = TacFileForm(*sent, user=request.user)
        if request.method == "POST" and form.is_valid():
            try:
                count = import_tacs(
                    organization_id=form.cleaned_data["organization"].pk,
                    file=form.cleaned_data["file"],
                )
            except DomainError as error:
                form.add_error("file", error.message)
            else:
                text = f"{count:,} TACs were taken from the file; they count as confirmed."
                self.message_user(request, text, messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:inventory_tacmodel_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": "Import TACs",
            "opts": self.opts,
            "form": form,
            "back_url": reverse("admin:inventory_tacmodel_changelist"),
            "media": self.media,
        }
        return TemplateResponse(request, "inventory/admin/tac_import.html", context)
