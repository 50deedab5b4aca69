import accounts.ids
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("accounts", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Order",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=accounts.ids.UUID7(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                ("order_no", models.CharField(db_collation="C", max_length=60)),
                ("display_doc_no", models.CharField(blank=True, max_length=60, null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("approved", "Approved"),
                            ("closed", "Closed"),
                            ("cancelled", "Cancelled"),
                        ],
                        db_default="draft",
                        default="draft",
                        max_length=20,
                    ),
                ),
                ("units_per_case", models.IntegerField(db_default=100, default=100)),
                (
                    "qr_buffer_percent",
                    models.DecimalField(
                        db_default=Decimal("10"),
                        decimal_places=2,
                        default=Decimal("10"),
                        max_digits=5,
                    ),
                ),
                (
                    "extra_qr_master",
                    models.IntegerField(
                        db_default=0, default=0, help_text="Extra stickers per case."
                    ),
                ),
                (
                    "buyer_org",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "seller_org",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "warehouse_org",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "db_table": "qr_orders",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "order_no"), name="qr_orders_org_order_no_uniq"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("seller_org", models.F("organization"))),
                        name="qr_orders_seller_is_organization",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                ["draft", "submitted", "approved", "closed", "cancelled"],
                            )
                        ),
                        name="qr_orders_status_valid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("units_per_case__gte", 1)),
                        name="qr_orders_units_per_case_at_least_1",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("qr_buffer_percent__gte", 0), ("qr_buffer_percent__lte", 100)
                        ),
                        name="qr_orders_qr_buffer_percent_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("extra_qr_master__gte", 0), ("extra_qr_master__lte", 10)
                        ),
                        name="qr_orders_extra_qr_master_range",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="qr_orders_org_id_uniq"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Batch",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=accounts.ids.UUID7(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                ("priority", models.SmallIntegerField(db_default=5, default=5)),
                ("progress", models.SmallIntegerField(db_default=0, default=0, editable=False)),
                ("attempts", models.SmallIntegerField(db_default=0, default=0, editable=False)),
                ("max_attempts", models.SmallIntegerField(db_default=3, default=3)),
                ("crash_count", models.SmallIntegerField(db_default=0, default=0, editable=False)),
                (
                    "run_after",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("rung_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("lease_token", models.BigIntegerField(db_default=0, default=0, editable=False)),
                (
                    "lease_owner",
                    models.CharField(db_default="", default="", editable=False, max_length=120),
                ),
                ("lease_expires_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("heartbeat_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "cancel_requested_at",
                    models.DateTimeField(blank=True, editable=False, null=True),
                ),
                (
                    "cursor",
                    models.JSONField(blank=True, db_default={}, default=dict, editable=False),
                ),
                (
                    "error_code",
                    models.CharField(db_default="", default="", editable=False, max_length=60),
                ),
                ("error_message", models.TextField(blank=True, editable=False, null=True)),
                (
                    "error_fingerprint",
                    models.CharField(db_default="", default="", editable=False, max_length=16),
                ),
                ("result_summary", models.JSONField(blank=True, editable=False, null=True)),
                (
                    "correlation_id",
                    models.CharField(db_default="", default="", editable=False, max_length=64),
                ),
                ("version", models.IntegerField(db_default=0, default=0, editable=False)),
                ("started_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("completed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("queued", "Queued"),
                            ("processing", "Processing"),
                            ("generated", "Generated"),
                            ("printing", "Printing"),
                            ("in_production", "In Production"),
                            ("completed", "Completed"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        db_default="pending",
                        default="pending",
                        max_length=20,
                    ),
                ),
                ("total_master_codes", models.IntegerField(db_default=0, default=0)),
                (
                    "total_unique_codes",
                    models.IntegerField(db_default=0, default=0, help_text="With spares."),
                ),
                (
                    "planned_unique_codes",
                    models.IntegerField(db_default=0, default=0, help_text="Without spares."),
                ),
                (
                    "buffer_percent",
                    models.DecimalField(
                        db_default=Decimal("10"),
                        decimal_places=2,
                        default=Decimal("10"),
                        max_digits=5,
                    ),
                ),
                ("use_item_case_sizes", models.BooleanField(db_default=False, default=False)),
                (
                    "production_completed_at",
                    models.DateTimeField(blank=True, editable=False, null=True),
                ),
                (
                    "cancel_requested_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "production_completed_by",
                    models.ForeignKey(
                        blank=True,
                        db_column="production_completed_by",
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="batch",
                        to="qrtracking.order",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "batches",
                "db_table": "qr_batches",
                "permissions": [
                    ("generate_batch", "Can generate codes and labels, cancel and retry"),
                    ("complete_batch", "Can complete production"),
                ],
                "indexes": [
                    models.Index(
                        models.F("priority"),
                        models.F("run_after"),
                        models.F("id"),
                        condition=models.Q(("status", "queued")),
                        name="qr_batches_due",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("priority"),
                        models.F("run_after"),
                        models.F("id"),
                        condition=models.Q(("status", "queued")),
                        name="qr_batches_org_due",
                    ),
                    models.Index(
                        models.F("lease_expires_at"),
                        condition=models.Q(("status", "processing")),
                        name="qr_batches_lease",
                    ),
                    models.Index(models.F("created_at"), models.F("id"), name="qr_batches_created"),
                    models.Index(
                        models.F("organization"),
                        models.F("created_at"),
                        models.F("id"),
                        name="qr_batches_org_new",
                    ),
                    models.Index(
                        models.F("created_at"),
                        models.F("id"),
                        condition=models.Q(("status__in", ["failed", "cancelled"])),
                        name="qr_batches_failed",
                    ),
                    models.Index(
                        models.F("completed_at"),
                        condition=models.Q(("completed_at__isnull", False)),
                        name="qr_batches_ended",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("progress__gte", 0), ("progress__lte", 100)),
                        name="qr_batches_progress_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("priority__gte", 1), ("priority__lte", 10)),
                        name="qr_batches_priority_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "pending",
                                    "queued",
                                    "processing",
                                    "generated",
                                    "printing",
                                    "in_production",
                                    "completed",
                                    "failed",
                                    "cancelled",
                                ],
                            )
                        ),
                        name="qr_batches_status_valid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("buffer_percent__gte", 0), ("buffer_percent__lte", 100)
                        ),
                        name="qr_batches_buffer_percent_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("total_master_codes__gte", 0)),
                        name="qr_batches_total_master_codes_at_least_0",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("total_unique_codes__gte", 0)),
                        name="qr_batches_total_unique_codes_at_least_0",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("planned_unique_codes__gte", 0)),
                        name="qr_batches_planned_unique_codes_at_least_0",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="qr_batches_org_id_uniq"
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "order", "id"), name="qr_batches_org_order_id_uniq"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=accounts.ids.UUID7(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                ("product_code", models.CharField(db_collation="C", max_length=40)),
                ("product_name", models.CharField(max_length=200)),
                ("gtin", models.CharField(blank=True, max_length=14, null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "db_table": "qr_products",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "product_code"), name="qr_products_org_code_uniq"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("product_code__regex", "^[A-Z0-9]+(-[A-Z0-9]+)*$")),
                        name="qr_products_product_code_format",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="qr_products_org_id_uniq"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProductVariant",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=accounts.ids.UUID7(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                ("variant_code", models.CharField(db_collation="C", max_length=40)),
                ("variant_name", models.CharField(max_length=200)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="variants",
                        to="qrtracking.product",
                    ),
                ),
            ],
            options={
                "db_table": "qr_product_variants",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("product", "variant_code"),
                        name="qr_product_variants_product_code_uniq",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("variant_code__regex", "^[A-Z0-9]+(-[A-Z0-9]+)*$")),
                        name="qr_product_variants_variant_code_format",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "product", "id"),
                        name="qr_product_variants_org_product_id_uniq",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderItem",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=accounts.ids.UUID7(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                ("qty", models.IntegerField()),
                (
                    "units_per_case",
                    models.IntegerField(
                        blank=True, help_text="Empty: as the order says.", null=True
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="items",
                        to="qrtracking.order",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="qrtracking.product",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="qrtracking.productvariant",
                    ),
                ),
            ],
            options={
                "db_table": "qr_order_items",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("order", "variant"), name="qr_order_items_order_variant_uniq"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("qty__gte", 1)), name="qr_order_items_qty_at_least_1"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("units_per_case__gte", 1)),
                        name="qr_order_items_units_per_case_at_least_1",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MasterCode",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=accounts.ids.UUID7(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                ("master_code", models.CharField(db_collation="C", max_length=200)),
                ("case_number", models.IntegerField()),
                ("planned_unit_count", models.IntegerField()),
                ("expected_unit_count", models.IntegerField()),
                ("actual_unit_count", models.IntegerField(db_default=0, default=0)),
                ("is_mixed", models.BooleanField(db_default=False, default=False)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("generated", "Generated"),
                            ("printed", "Printed"),
                            ("packed", "Packed"),
                            ("ready_to_ship", "Ready To Ship"),
                            ("in_transit", "In Transit"),
                            ("received_warehouse", "Received Warehouse"),
                            ("warehouse_packed", "Warehouse Packed"),
                            ("shipped_distributor", "Shipped Distributor"),
                            ("opened", "Opened"),
                        ],
                        db_default="generated",
                        default="generated",
                        max_length=20,
                    ),
                ),
                ("manufacturer_scanned_at", models.DateTimeField(blank=True, null=True)),
                ("warehouse_received_at", models.DateTimeField(blank=True, null=True)),
                ("short_reason", models.CharField(blank=True, max_length=500, null=True)),
                ("sscc", models.CharField(blank=True, max_length=18, null=True)),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="cases",
                        to="qrtracking.batch",
                    ),
                ),
                (
                    "manufacturer_org",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "manufacturer_scanned_by",
                    models.ForeignKey(
                        blank=True,
                        db_column="manufacturer_scanned_by",
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "warehouse_org",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "warehouse_received_by",
                    models.ForeignKey(
                        blank=True,
                        db_column="warehouse_received_by",
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="qrtracking.order",
                    ),
                ),
                (
                    "planned_variant",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="qrtracking.productvariant",
                    ),
                ),
            ],
            options={
                "db_table": "qr_master_codes",
                "permissions": [
                    ("unlink_mastercode", "Can take all units out of a case"),
                    ("close_mastercode", "Can close a case short"),
                    ("receive_mastercode", "Can mark a case as received"),
                ],
                "indexes": [
                    models.Index(
                        models.F("order"),
                        condition=models.Q(
                            (
                                "status__in",
                                (
                                    "received_warehouse",
                                    "warehouse_packed",
                                    "shipped_distributor",
                                    "opened",
                                ),
                            )
                        ),
                        name="qr_master_codes_locked",
                    ),
                    models.Index(
                        models.F("batch"),
                        models.OrderBy(
                            models.F("manufacturer_scanned_at"), descending=True, nulls_last=True
                        ),
                        name="qr_master_codes_scanned",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        django.db.models.functions.text.Upper("master_code"),
                        name="qr_master_codes_org_code_uniq",
                    ),
                    models.UniqueConstraint(
                        fields=("batch", "case_number"), name="qr_master_codes_batch_case_uniq"
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "sscc"), name="qr_master_codes_org_sscc_uniq"
                    ),
                    models.UniqueConstraint(
                        fields=("batch", "id"), name="qr_master_codes_batch_id_uniq"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("actual_unit_count__gte", 0),
                            ("actual_unit_count__lte", models.F("expected_unit_count")),
                        ),
                        name="qr_master_codes_not_overfilled",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("case_number__gte", 1)),
                        name="qr_master_codes_case_number_at_least_1",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("planned_unit_count__gte", 1)),
                        name="qr_master_codes_planned_unit_count_at_least_1",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expected_unit_count__gte", 1)),
                        name="qr_master_codes_expected_unit_count_at_least_1",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "generated",
                                    "printed",
                                    "packed",
                                    "ready_to_ship",
                                    "in_transit",
                                    "received_warehouse",
                                    "warehouse_packed",
                                    "shipped_distributor",
                                    "opened",
                                ],
                            )
                        ),
                        name="qr_master_codes_status_valid",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReverseJob",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=accounts.ids.UUID7(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                ("priority", models.SmallIntegerField(db_default=5, default=5)),
                ("progress", models.SmallIntegerField(db_default=0, default=0, editable=False)),
                ("attempts", models.SmallIntegerField(db_default=0, default=0, editable=False)),
                ("max_attempts", models.SmallIntegerField(db_default=3, default=3)),
                ("crash_count", models.SmallIntegerField(db_default=0, default=0, editable=False)),
                (
                    "run_after",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("rung_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("lease_token", models.BigIntegerField(db_default=0, default=0, editable=False)),
                (
                    "lease_owner",
                    models.CharField(db_default="", default="", editable=False, max_length=120),
                ),
                ("lease_expires_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("heartbeat_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "cancel_requested_at",
                    models.DateTimeField(blank=True, editable=False, null=True),
                ),
                (
                    "cursor",
                    models.JSONField(blank=True, db_default={}, default=dict, editable=False),
                ),
                (
                    "error_code",
                    models.CharField(db_default="", default="", editable=False, max_length=60),
                ),
                ("error_message", models.TextField(blank=True, editable=False, null=True)),
                (
                    "error_fingerprint",
                    models.CharField(db_default="", default="", editable=False, max_length=16),
                ),
                ("result_summary", models.JSONField(blank=True, editable=False, null=True)),
                (
                    "correlation_id",
                    models.CharField(db_default="", default="", editable=False, max_length=64),
                ),
                ("version", models.IntegerField(db_default=0, default=0, editable=False)),
                ("started_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("completed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "exclude_codes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        blank=True,
                        db_default=[],
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "filter_case_numbers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), blank=True, null=True, size=None
                    ),
                ),
                (
                    "total_available_in_batch",
                    models.IntegerField(blank=True, editable=False, null=True),
                ),
                (
                    "remaining_to_prepare",
                    models.IntegerField(blank=True, editable=False, null=True),
                ),
                ("prepared_count", models.IntegerField(db_default=0, default=0, editable=False)),
                ("duplicate_count", models.IntegerField(db_default=0, default=0, editable=False)),
                ("invalid_count", models.IntegerField(db_default=0, default=0, editable=False)),
                (
                    "excluded_matched_count",
                    models.IntegerField(db_default=0, default=0, editable=False),
                ),
                ("invalidated_count", models.IntegerField(db_default=0, default=0, editable=False)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("completed", "Completed"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        db_default="queued",
                        default="queued",
                        max_length=20,
                    ),
                ),
                ("process_now", models.BooleanField(db_default=False, default=False)),
                ("notify_email", models.BooleanField(db_default=True, default=True)),
                ("label", models.CharField(blank=True, db_default="", default="", max_length=200)),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="reverse_jobs",
                        to="qrtracking.batch",
                    ),
                ),
                (
                    "cancel_requested_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "filter_variant",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="qrtracking.productvariant",
                    ),
                ),
                (
                    "manufacturer_org",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="qrtracking.order",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "db_table": "qr_reverse_jobs",
                "permissions": [
                    ("retry_reversejob", "Can retry reverse jobs"),
                    ("cancel_reversejob", "Can cancel reverse jobs"),
                    ("requeue_reversejob", "Can requeue reverse jobs"),
                    ("prioritise_reversejob", "Can prioritise reverse jobs"),
                    ("run_reversejob", "Can run reverse jobs"),
                ],
                "indexes": [
                    models.Index(
                        models.F("priority"),
                        models.F("run_after"),
                        models.F("id"),
                        condition=models.Q(("status", "queued")),
                        name="qr_reverse_jobs_due",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("priority"),
                        models.F("run_after"),
                        models.F("id"),
                        condition=models.Q(("status", "queued")),
                        name="qr_reverse_jobs_org_due",
                    ),
                    models.Index(
                        models.F("lease_expires_at"),
                        condition=models.Q(("status", "running")),
                        name="qr_reverse_jobs_lease",
                    ),
                    models.Index(
                        models.F("created_at"), models.F("id"), name="qr_reverse_jobs_created"
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("created_at"),
                        models.F("id"),
                        name="qr_reverse_jobs_org_new",
                    ),
                    models.Index(
                        models.F("created_at"),
                        models.F("id"),
                        condition=models.Q(("status__in", ["failed", "cancelled"])),
                        name="qr_reverse_jobs_failed",
                    ),
                    models.Index(
                        models.F("completed_at"),
                        condition=models.Q(("completed_at__isnull", False)),
                        name="qr_reverse_jobs_ended",
                    ),
                    models.Index(
                        models.F("batch"),
                        models.F("created_at"),
                        name="qr_reverse_jobs_batch_created",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("progress__gte", 0), ("progress__lte", 100)),
                        name="qr_reverse_jobs_progress_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("priority__gte", 1), ("priority__lte", 10)),
                        name="qr_reverse_jobs_priority_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                ["queued", "running", "completed", "failed", "cancelled"],
                            )
                        ),
                        name="qr_reverse_jobs_status_valid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("manufacturer_org", models.F("organization"))),
                        name="qr_reverse_jobs_manufacturer_is_organization",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="qr_reverse_jobs_org_id_uniq"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReverseJobExclude",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "job_id",
                        "sequence_number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("sequence_number", models.IntegerField()),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="excludes",
                        to="qrtracking.reversejob",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "db_table": "qr_reverse_job_excludes",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("sequence_number__gte", 1)),
                        name="qr_reverse_job_excludes_sequence_number_at_least_1",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReverseJobLog",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=accounts.ids.UUID7(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[("info", "Info"), ("warn", "Warn"), ("error", "Error")],
                        db_default="info",
                        default="info",
                        max_length=5,
                    ),
                ),
                ("message", models.TextField()),
                ("correlation_id", models.CharField(db_default="", default="", max_length=64)),
                (
                    "job",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="logs",
                        to="qrtracking.reversejob",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "db_table": "qr_reverse_job_logs",
                "indexes": [
                    models.Index(models.F("job"), models.F("id"), name="qr_reverse_job_logs_job")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("level__in", ["info", "warn", "error"])),
                        name="qr_reverse_job_logs_level_valid",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ScanEvent",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=accounts.ids.UUID7(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("link_scan", "Link Scan"),
                            ("link_queue", "Link Queue"),
                            ("perfect", "Perfect"),
                            ("plan_import", "Plan Import"),
                            ("unlink", "Unlink"),
                            ("undo", "Undo"),
                            ("spoil", "Spoil"),
                            ("replace", "Replace"),
                            ("close_short", "Close Short"),
                            ("receive", "Receive"),
                            ("complete", "Complete"),
                        ],
                        max_length=20,
                    ),
                ),
                ("unit_count", models.IntegerField(db_default=0, default=0)),
                ("client_uuid", models.UUIDField(blank=True, null=True)),
                ("note", models.TextField(blank=True, db_default="", default="")),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="qrtracking.batch",
                    ),
                ),
                (
                    "master_code",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="qrtracking.mastercode",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="qrtracking.order",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "undone_by_event",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="qrtracking.scanevent",
                    ),
                ),
            ],
            options={
                "db_table": "qr_scan_events",
                "indexes": [
                    models.Index(models.F("batch"), models.F("id"), name="qr_scan_events_batch"),
                    models.Index(
                        models.F("master_code"), models.F("id"), name="qr_scan_events_case"
                    ),
                    models.Index(models.F("order"), models.F("id"), name="qr_scan_events_order"),
                    models.Index(
                        models.F("undone_by_event"),
                        condition=models.Q(("undone_by_event__isnull", False)),
                        name="qr_scan_events_undone_by",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "client_uuid"),
                        name="qr_scan_events_org_client_uniq",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "link_scan",
                                    "link_queue",
                                    "perfect",
                                    "plan_import",
                                    "unlink",
                                    "undo",
                                    "spoil",
                                    "replace",
                                    "close_short",
                                    "receive",
                                    "complete",
                                ],
                            )
                        ),
                        name="qr_scan_events_kind_valid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("unit_count__gte", 0)),
                        name="qr_scan_events_unit_count_at_least_0",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UnitCode",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=accounts.ids.UUID7(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                ("code", models.CharField(db_collation="C", max_length=200)),
                ("sequence_number", models.IntegerField()),
                (
                    "planned_case_number",
                    models.IntegerField(blank=True, help_text="The label plan.", null=True),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("generated", "Generated"),
                            ("printed", "Printed"),
                            ("available", "Available"),
                            ("packed", "Packed"),
                            ("ready_to_ship", "Ready To Ship"),
                            ("received_warehouse", "Received Warehouse"),
                            ("warehouse_packed", "Warehouse Packed"),
                            ("shipped_distributor", "Shipped Distributor"),
                            ("activated", "Activated"),
                            ("redeemed", "Redeemed"),
                            ("expired", "Expired"),
                            ("used_ok", "Used Ok"),
                            ("spoiled", "Spoiled"),
                            ("buffer_available", "Buffer Available"),
                            ("buffer_used", "Buffer Used"),
                        ],
                        db_default="generated",
                        default="generated",
                        max_length=20,
                    ),
                ),
                (
                    "previous_status",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("pending", "Pending"),
                            ("generated", "Generated"),
                            ("printed", "Printed"),
                            ("available", "Available"),
                            ("packed", "Packed"),
                            ("ready_to_ship", "Ready To Ship"),
                            ("received_warehouse", "Received Warehouse"),
                            ("warehouse_packed", "Warehouse Packed"),
                            ("shipped_distributor", "Shipped Distributor"),
                            ("activated", "Activated"),
                            ("redeemed", "Redeemed"),
                            ("expired", "Expired"),
                            ("used_ok", "Used Ok"),
                            ("spoiled", "Spoiled"),
                            ("buffer_available", "Buffer Available"),
                            ("buffer_used", "Buffer Used"),
                        ],
                        max_length=20,
                        null=True,
                    ),
                ),
                (
                    "is_buffer",
                    models.BooleanField(db_default=False, default=False, help_text="A spare."),
                ),
                ("replaces_sequence_no", models.IntegerField(blank=True, null=True)),
                ("last_scanned_at", models.DateTimeField(blank=True, null=True)),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="units",
                        to="qrtracking.batch",
                    ),
                ),
                (
                    "current_location_org",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "last_scanned_by",
                    models.ForeignKey(
                        blank=True,
                        db_column="last_scanned_by",
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "master_code",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        help_text="The case that the unit is packed into.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="units",
                        to="qrtracking.mastercode",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="qrtracking.order",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "packed_event",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="qrtracking.scanevent",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="qrtracking.product",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="qrtracking.productvariant",
                    ),
                ),
            ],
            options={
                "db_table": "qr_codes",
                "indexes": [
                    models.Index(
                        models.F("batch"),
                        models.F("planned_case_number"),
                        name="qr_codes_planned_case",
                    ),
                    models.Index(
                        models.F("master_code"),
                        condition=models.Q(("master_code__isnull", False)),
                        name="qr_codes_case",
                    ),
                    models.Index(
                        models.F("batch"),
                        models.F("status"),
                        condition=models.Q(("is_buffer", True)),
                        name="qr_codes_spare_status",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        django.db.models.functions.text.Upper("code"),
                        name="qr_codes_org_code_uniq",
                    ),
                    models.UniqueConstraint(
                        fields=("batch", "sequence_number"), name="qr_codes_batch_seq_uniq"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sequence_number__gte", 1)),
                        name="qr_codes_sequence_number_at_least_1",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "pending",
                                    "generated",
                                    "printed",
                                    "available",
                                    "packed",
                                    "ready_to_ship",
                                    "received_warehouse",
                                    "warehouse_packed",
                                    "shipped_distributor",
                                    "activated",
                                    "redeemed",
                                    "expired",
                                    "used_ok",
                                    "spoiled",
                                    "buffer_available",
                                    "buffer_used",
                                ],
                            )
                        ),
                        name="qr_codes_status_valid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "status__in",
                                    (
                                        "pending",
                                        "generated",
                                        "printed",
                                        "available",
                                        "buffer_available",
                                    ),
                                ),
                                _negated=True,
                            ),
                            ("master_code__isnull", True),
                            _connector="OR",
                        ),
                        name="qr_codes_free_not_in_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("status__in", ("packed", "ready_to_ship", "buffer_used")),
                                _negated=True,
                            ),
                            ("master_code__isnull", False),
                            _connector="OR",
                        ),
                        name="qr_codes_packed_in_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_buffer", False),
                            ("planned_case_number__isnull", True),
                            _connector="OR",
                        ),
                        name="qr_codes_spare_unplanned",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ScanItem",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=accounts.ids.UUID7(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                ("client_uuid", models.UUIDField(db_default=accounts.ids.UUID7())),
                ("raw_text", models.CharField(max_length=500)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("listed", "Listed"),
                            ("linked", "Linked"),
                            ("removed", "Removed"),
                            ("refused", "Refused"),
                        ],
                        max_length=20,
                    ),
                ),
                ("message", models.TextField(blank=True, db_default="", default="")),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="qrtracking.batch",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="qrtracking.scanevent",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        db_column="code_id",
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="qrtracking.unitcode",
                    ),
                ),
            ],
            options={
                "db_table": "qr_scan_items",
                "indexes": [
                    models.Index(
                        models.F("batch"),
                        models.F("user"),
                        models.F("id"),
                        name="qr_scan_items_batch_user",
                    ),
                    models.Index(
                        models.F("unit"),
                        condition=models.Q(("unit__isnull", False)),
                        name="qr_scan_items_unit",
                    ),
                    models.Index(
                        models.F("event"),
                        condition=models.Q(("event__isnull", False)),
                        name="qr_scan_items_event",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "client_uuid"), name="qr_scan_items_org_client_uniq"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("outcome", "listed")),
                        fields=("unit",),
                        name="qr_scan_items_listed_unit",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome__in", ["listed", "linked", "removed", "refused"])
                        ),
                        name="qr_scan_items_outcome_valid",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PreparedCode",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=accounts.ids.UUID7(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                ("code", models.CharField(db_collation="C", max_length=200)),
                ("sequence_number", models.IntegerField()),
                ("planned_case_number", models.IntegerField(blank=True, null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("prepared", "Prepared"),
                            ("consumed", "Consumed"),
                            ("invalid", "Invalid"),
                        ],
                        db_default="prepared",
                        default="prepared",
                        max_length=20,
                    ),
                ),
                (
                    "invalid_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("excluded", "Excluded"),
                            ("packed_elsewhere", "Packed Elsewhere"),
                            ("not_available", "Not Available"),
                            ("job_cancelled", "Job Cancelled"),
                        ],
                        max_length=20,
                        null=True,
                    ),
                ),
                ("consumed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="qrtracking.batch",
                    ),
                ),
                (
                    "master_code",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="qrtracking.mastercode",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="qrtracking.order",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="qrtracking.productvariant",
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="prepared_codes",
                        to="qrtracking.reversejob",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_column="code_id",
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="prepared_codes",
                        to="qrtracking.unitcode",
                    ),
                ),
            ],
            options={
                "db_table": "qr_prepared_codes",
                "indexes": [
                    models.Index(
                        models.F("batch"),
                        models.F("variant"),
                        models.F("sequence_number"),
                        models.F("unit"),
                        condition=models.Q(("status", "prepared")),
                        name="qr_prepared_codes_queue",
                    ),
                    models.Index(
                        models.F("job"), models.F("sequence_number"), name="qr_prepared_codes_job"
                    ),
                    models.Index(models.F("unit"), name="qr_prepared_codes_unit"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "prepared")),
                        fields=("unit",),
                        name="qr_prepared_codes_live_unit",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["prepared", "consumed", "invalid"])),
                        name="qr_prepared_codes_status_valid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "invalid_reason__in",
                                ["excluded", "packed_elsewhere", "not_available", "job_cancelled"],
                            )
                        ),
                        name="qr_prepared_codes_invalid_reason_valid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "consumed"), _negated=True),
                            ("master_code__isnull", False),
                            _connector="OR",
                        ),
                        name="qr_prepared_codes_consumed_in_case",
                    ),
                ],
            },
        ),
    ]
