from django.contrib import admin, messages
from django.urls import reverse
from django.utils.html import format_html

from accounts.admin_base import TenantAdmin, TenantTabularInline, confirm_action
from accounts.errors import DomainError
from accounts.unfold import action, display
from jobs.admin_base import ORGANIZATION_FILTER, BigTableAdmin, preset_range
from qrtracking.models import Order, OrderItem, Product, ProductVariant
from qrtracking.services.generation import create_batch


class SameOrganizationInline(TenantTabularInline):
    """Children belong to their parent's organization; nobody types it in."""

    exclude = ["organization"]


class VariantInline(SameOrganizationInline):
    model = ProductVariant


class OrderItemInline(SameOrganizationInline):
    model = OrderItem
    fields = ["variant", "qty", "units_per_case"]
    autocomplete_fields = ["variant"]
    hide_title = True


class ParentAdmin(TenantAdmin):
    """Saves children under the organization of their parent."""

    def save_formset(self, request, form, formset, change):
        for child in formset.save(commit=False):
            child.organization_id = form.instance.organization_id
            self.complete_child(child)
            child.save()
        for child in formset.deleted_objects:
            child.delete()
        formset.save_m2m()

    def complete_child(self, child):
        """What follows from the child's other columns."""


@admin.register(Product)
class ProductAdmin(ParentAdmin):
    list_display = ["product_code", "product_name", "gtin", "organization"]
    list_filter = [ORGANIZATION_FILTER]
    list_select_related = ["organization"]
    search_fields = ["product_code", "product_name"]
    autocomplete_fields = ["organization"]
    ordering = ["product_code", "id"]
    inlines = [VariantInline]

    def get_readonly_fields(self, request, obj=None):
        # Codes that are printed carry the product code.
        return ["organization", "product_code"] if obj else []


@admin.register(ProductVariant)
class ProductVariantAdmin(TenantAdmin):
    list_display = ["variant_code", "variant_name", "product", "organization"]
    list_filter = [ORGANIZATION_FILTER]
    list_select_related = ["product", "organization"]
    search_fields = ["variant_code", "variant_name", "product__product_code"]
    ordering = ["variant_code", "id"]
    fields = ["product", "variant_code", "variant_name"]
    readonly_fields = ["product", "variant_code"]

    def has_add_permission(self, request):
        """Variants are added on the page of their product."""
        return False


@admin.register(Order)
class OrderAdmin(ParentAdmin, BigTableAdmin):
    list_display = [
        "order_no",
        "display_doc_no",
        "organization",
        "status",
        "batch_status",
        "created_at",
    ]
    list_filter = ["status", ORGANIZATION_FILTER, preset_range("created_at")]
    list_select_related = ["organization", "batch"]
    search_fields = ["order_no"]
    autocomplete_fields = ["organization", "buyer_org", "warehouse_org"]
    exclude = ["seller_org"]
    ordering = ["-id"]
    inlines = [OrderItemInline]
    actions = ["generate_codes"]

    class Media:
        css = {"all": ["jobs/admin.css"]}

    @display(description="batch")
    def batch_status(self, order):
        batch = getattr(order, "batch", None)
        if batch is None:
            return "none yet"
        url = reverse("admin:qrtracking_batch_progress", args=[batch.pk])
        status = batch.get_status_display()
        return format_html('<a class="job-link job-nowrap" href="{}">{}</a>', url, status)

    def complete_child(self, child):
        child.product_id = child.variant.product_id

    def save_model(self, request, obj, form, change):
        obj.seller_org_id = obj.organization_id
        super().save_model(request, obj, form, change)

    def has_change_permission(self, request, obj=None):
        """An order whose codes exist is fixed: its number and items are printed on labels."""
        is_fixed = obj is not None and hasattr(obj, "batch")
        return not is_fixed and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        is_fixed = obj is not None and hasattr(obj, "batch")
        return not is_fixed and super().has_delete_permission(request, obj)

    def has_generate_permission(self, request):
        return request.user.has_perm("qrtracking.generate_batch")

    @action(description="Generate codes", permissions=["generate"])
    def generate_codes(self, request, queryset):
        question = "Generate the codes of these orders?"
        page = confirm_action(self, request, queryset, action="generate_codes", question=question)
        if page is not None:
            return page
        for order in queryset.order_by("pk"):
            self._generate(request, order)
        return None

    def _generate(self, request, order):
        try:
            create_batch(order=order, actor=request.user)
        except DomainError as error:
            self.message_user(request, f"{order.order_no}: {error.message}.", messages.ERROR)
        else:
            text = f"{order.order_no}: codes are generated in the background."
            self.message_user(request, text, messages.SUCCESS)
