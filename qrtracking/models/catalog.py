"""Products, their variants, and the orders of units to be labelled and packed."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import Organization, TenantModel, TenantQuerySet
from qrtracking.models.constraints import (
    DEFAULT_BUFFER_PERCENT,
    CodeField,
    Link,
    at_least,
    code_format,
    one_of,
    percent,
    tenant_key,
)


class Product(TenantModel):
    product_code = CodeField(max_length=40)
    product_name = models.CharField(max_length=200)
    gtin = models.CharField(max_length=14, null=True, blank=True)  # noqa: DJ001 (null: none known)

    class Meta:
        db_table = "qr_products"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "product_code"], name="qr_products_org_code_uniq"
            ),
            code_format("qr_products", "product_code"),
            tenant_key("qr_products"),
        ]

    def __str__(self) -> str:
        return f"{self.product_code} {self.product_name}"


class ProductVariant(TenantModel):
    product = Link(Product, models.PROTECT, related_name="variants")
    variant_code = CodeField(max_length=40)
    variant_name = models.CharField(max_length=200)

    class Meta:
        db_table = "qr_product_variants"
        constraints = [
            models.UniqueConstraint(
                fields=["product", "variant_code"], name="qr_product_variants_product_code_uniq"
            ),
            code_format("qr_product_variants", "variant_code"),
            models.UniqueConstraint(
                fields=["organization", "product", "id"],
                name="qr_product_variants_org_product_id_uniq",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_code} {self.variant_name}"


class OrderStatus(models.TextChoices):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class OrderQuerySet(TenantQuerySet["Order"]):
    def locked(self) -> Self:
        """Orders of which the warehouse has begun to take in cases: nothing may be repacked."""
        # Read late: cases know their order.
        from qrtracking.models.case import MasterCode

        return self.filter(Exists(MasterCode.objects.locked().filter(order=OuterRef("pk"))))


class Order(TenantModel):
    order_no = CodeField(max_length=60)
    display_doc_no = models.CharField(max_length=60, null=True, blank=True)  # noqa: DJ001 (null: none)
    status = models.CharField(
        max_length=20, choices=OrderStatus, default=OrderStatus.DRAFT, db_default="draft"
    )
    buyer_org = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    seller_org = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    warehouse_org = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    units_per_case = models.IntegerField(default=100, db_default=100)
    qr_buffer_percent = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        default=DEFAULT_BUFFER_PERCENT,
        db_default=DEFAULT_BUFFER_PERCENT,
    )
    extra_qr_master = models.IntegerField(
        default=0, db_default=0, help_text="Extra stickers per case."
    )

    objects: ClassVar = OrderQuerySet.as_manager()

    class Meta:
        db_table = "qr_orders"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "order_no"], name="qr_orders_org_order_no_uniq"
            ),
            models.CheckConstraint(
                condition=Q(seller_org=F("organization")), name="qr_orders_seller_is_organization"
            ),
            one_of("qr_orders", "status", OrderStatus),
            at_least("qr_orders", "units_per_case", 1),
            percent("qr_orders", "qr_buffer_percent"),
            models.CheckConstraint(
                condition=Q(extra_qr_master__gte=0, extra_qr_master__lte=10),
                name="qr_orders_extra_qr_master_range",
            ),
            tenant_key("qr_orders"),
        ]

    def __str__(self) -> str:
        return self.order_no


class OrderItem(TenantModel):
    order = Link(Order, related_name="items")
    product = Link(Product, models.PROTECT)
    variant = Link(ProductVariant, models.PROTECT, db_index=True)
    qty = models.IntegerField()
    units_per_case = models.IntegerField(
        null=True, blank=True, help_text="Empty: as the order says."
    )

    class Meta:
        db_table = "qr_order_items"
        constraints = [
            models.UniqueConstraint(
                fields=["order", "variant"], name="qr_order_items_order_variant_uniq"
            ),
            at_least("qr_order_items", "qty", 1),
            at_least("qr_order_items", "units_per_case", 1),
        ]

    def __str__(self) -> str:
        return f"{self.qty} of {self.variant_id}"
