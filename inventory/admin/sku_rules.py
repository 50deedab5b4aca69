from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from accounts.admin_base import permission_view
from accounts.models import Organization
from accounts.unfold import display
from inventory.admin.base import ORGANIZATION, find_organization, page_url
from inventory.admin.rules_base import RulesAdmin
from inventory.forms.rules import ApplyForm, SkuRuleForm
from inventory.models import SkuRule
from inventory.rules.sku import MATCHED
from inventory.services.sku_rules import preview_sku_rules, submit_sku_rules


@admin.register(SkuRule)
class SkuRuleAdmin(RulesAdmin):
    """In the order in which they are tried."""

    form = SkuRuleForm
    list_display = ["number", "position", "fits", "is_active", "organization"]
    list_editable = ["position", "is_active"]
    search_fields = ["sku", *(f"match_{name}" for name in MATCHED)]
    empty_text = "Without a rule, a SKU is made of model, storage, color and carrier."
    ordering = ["organization", "position", "id"]
    list_before_template = "inventory/admin/sku_rules_head.html"

    @display(description="SKU", ordering="sku")
    def number(self, rule):
        return rule.sku

    @display(description="fits")
    def fits(self, rule):
        """What it asks for, in words."""
        wanted = [getattr(rule, f"match_{name}") for name in MATCHED]
        return ", ".join(value for value in wanted if value.strip()) or "every device"

    def get_urls(self):
        page = permission_view(self, self.preview_view, permission="manage")
        return [path("preview/", page, name="inventory_skurule_preview"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        organization = find_organization(request)
        query = {ORGANIZATION: organization.pk} if organization else {}
        url = reverse("admin:inventory_skurule_preview", query=query)
        context = {"preview_url": url if self.has_manage_permission(request) else None}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def preview_view(self, request):
        """Counts by GET, applies by POST: as a job."""
        choices = _choices(request)
        organization = find_organization(request) or (choices[0][0] if len(choices) == 1 else None)
        form = ApplyForm(request.POST or None)
        if request.method == "POST" and organization is not None and form.is_valid():
            job = submit_sku_rules(
                organization_id=organization.pk,
                actor=request.user,
                reason=form.cleaned_data["reason"],
            )
            self.message_user(request, "The rules are being applied.", messages.SUCCESS)
            return HttpResponseRedirect(page_url("stockjob", job.pk))
        context = {
            **self.admin_site.each_context(request),
            "title": "What the SKU rules would change",
            "opts": self.opts,
            "organization": organization,
            "choices": choices,
            "preview": organization and preview_sku_rules(organization_id=organization.pk),
            "form": form,
            "back_url": reverse("admin:inventory_skurule_changelist"),
            "media": self.media,
        }
        return TemplateResponse(request, "inventory/admin/sku_rules_preview.html", context)


def _choices(request):
    """Organizations that have rules."""
    owners = SkuRule.objects.visible_to(request.user).values("organization")
    rows = Organization.objects.filter(pk__in=owners).order_by("name", "id")
    return [(row, f"?{ORGANIZATION}={row.pk}") for row in rows]
