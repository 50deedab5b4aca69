import accounts.ids
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("accounts", "__first__"),
        ("qrtracking", "0002_database_keys"),
    ]

    operations = [
        migrations.AlterField(
            model_name="scanevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("link_scan", "Scanned into the case"),
                    ("link_queue", "Packed from the queue"),
                    ("perfect", "Perfect case"),
                    ("plan_import", "Packed by plan"),
                    ("unlink", "Taken out of the case"),
                    ("undo", "Undone"),
                    ("spoil", "Marked spoiled"),
                    ("replace", "Replaced by spares"),
                    ("close_short", "Closed short"),
                    ("receive", "Received at the warehouse"),
                    ("complete", "Production completed"),
                ],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="LabelPrinter",
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
                ("name", models.CharField(max_length=100)),
                ("host", models.CharField(max_length=255)),
                ("port", models.PositiveIntegerField(db_default=9100, default=9100)),
                (
                    "dots_per_inch",
                    models.PositiveIntegerField(
                        choices=[(203, "203 dpi"), (300, "300 dpi")], db_default=203, default=203
                    ),
                ),
                ("is_active", models.BooleanField(db_default=True, default=True)),
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
                "db_table": "qr_label_printers",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "name"), name="qr_label_printers_org_name_uniq"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("port__gte", 1), ("port__lte", 65535)),
                        name="qr_label_printers_port_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("dots_per_inch__in", [203, 300])),
                        name="qr_label_printers_dpi_valid",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LabelSheet",
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
                    "kind",
                    models.CharField(
                        choices=[("unit", "Units"), ("spare", "Spares"), ("case", "Cases")],
                        max_length=10,
                    ),
                ),
                ("from_number", models.IntegerField()),
                ("to_number", models.IntegerField()),
                (
                    "layout",
                    models.CharField(
                        choices=[
                            ("a4_65", "A4, 5 x 13"),
                            ("a4_24", "A4, 3 x 8"),
                            ("a4_8", "A4, 2 x 4"),
                            ("one_up", "One label a page"),
                            ("zpl", "ZPL for label printers"),
                        ],
                        db_default="a4_65",
                        default="a4_65",
                        max_length=20,
                    ),
                ),
                ("copies", models.IntegerField(db_default=1, default=1)),
                ("label_count", models.IntegerField(db_default=0, default=0, editable=False)),
                ("page_count", models.IntegerField(db_default=0, default=0, editable=False)),
                (
                    "verified_count",
                    models.IntegerField(
                        db_default=0,
                        default=0,
                        editable=False,
                        help_text="Pages drawn and read back.",
                    ),
                ),
                (
                    "file",
                    models.FileField(blank=True, max_length=200, upload_to="qr-label-sheets/"),
                ),
                ("file_size", models.BigIntegerField(blank=True, editable=False, null=True)),
                ("printed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("downloaded_at", models.DateTimeField(blank=True, editable=False, null=True)),
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
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="label_sheets",
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
                    "printer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="qrtracking.labelprinter",
                    ),
                ),
            ],
            options={
                "db_table": "qr_label_sheets",
                "permissions": [
                    ("retry_labelsheet", "Can retry label sheets"),
                    ("cancel_labelsheet", "Can cancel label sheets"),
                    ("requeue_labelsheet", "Can requeue label sheets"),
                    ("prioritise_labelsheet", "Can prioritise label sheets"),
                    ("run_labelsheet", "Can run label sheets"),
                ],
                "indexes": [
                    models.Index(
                        models.F("priority"),
                        models.F("run_after"),
                        models.F("id"),
                        condition=models.Q(("status", "queued")),
                        name="qr_label_sheets_due",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("priority"),
                        models.F("run_after"),
                        models.F("id"),
                        condition=models.Q(("status", "queued")),
                        name="qr_label_sheets_org_due",
                    ),
                    models.Index(
                        models.F("lease_expires_at"),
                        condition=models.Q(("status", "running")),
                        name="qr_label_sheets_lease",
                    ),
                    models.Index(
                        models.F("created_at"), models.F("id"), name="qr_label_sheets_created"
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("created_at"),
                        models.F("id"),
                        name="qr_label_sheets_org_new",
                    ),
                    models.Index(
                        models.F("created_at"),
                        models.F("id"),
                        condition=models.Q(("status__in", ["failed", "cancelled"])),
                        name="qr_label_sheets_failed",
                    ),
                    models.Index(
                        models.F("completed_at"),
                        condition=models.Q(("completed_at__isnull", False)),
                        name="qr_label_sheets_ended",
                    ),
                    models.Index(
                        models.F("batch"),
                        models.F("created_at"),
                        name="qr_label_sheets_batch_created",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("progress__gte", 0), ("progress__lte", 100)),
                        name="qr_label_sheets_progress_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("priority__gte", 1), ("priority__lte", 10)),
                        name="qr_label_sheets_priority_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                ["queued", "running", "completed", "failed", "cancelled"],
                            )
                        ),
                        name="qr_label_sheets_status_valid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["unit", "spare", "case"])),
                        name="qr_label_sheets_kind_valid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("layout__in", ["a4_65", "a4_24", "a4_8", "one_up", "zpl"])
                        ),
                        name="qr_label_sheets_layout_valid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("from_number__gte", 1), ("to_number__gte", models.F("from_number"))
                        ),
                        name="qr_label_sheets_range_valid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("copies__gte", 1), ("copies__lte", 11)),
                        name="qr_label_sheets_copies_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("verified_count__gte", 0),
                            ("verified_count__lte", models.F("page_count")),
                        ),
                        name="qr_label_sheets_verified_range",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="qr_label_sheets_org_id_uniq"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LabelPage",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "sheet_id",
                        "page_number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("page_number", models.IntegerField()),
                ("content", models.BinaryField()),
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
                    "sheet",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="pages",
                        to="qrtracking.labelsheet",
                    ),
                ),
            ],
            options={
                "db_table": "qr_label_pages",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("page_number__gte", 1)),
                        name="qr_label_pages_page_number_at_least_1",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PackingPlan",
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
                    "source",
                    models.CharField(choices=[("file", "File"), ("paste", "Paste")], max_length=10),
                ),
                (
                    "file",
                    models.FileField(blank=True, max_length=200, upload_to="qr-packing-plans/"),
                ),
                (
                    "file_name",
                    models.CharField(blank=True, db_default="", default="", max_length=255),
                ),
                ("sha256", models.CharField(max_length=64)),
                (
                    "phase",
                    models.CharField(
                        choices=[("check", "Check"), ("apply", "Apply")],
                        db_default="check",
                        default="check",
                        max_length=10,
                    ),
                ),
                ("row_count", models.IntegerField(db_default=0, default=0, editable=False)),
                ("ready_count", models.IntegerField(db_default=0, default=0, editable=False)),
                ("refused_count", models.IntegerField(db_default=0, default=0, editable=False)),
                ("packed_count", models.IntegerField(db_default=0, default=0, editable=False)),
                (
                    "case_count",
                    models.IntegerField(
                        db_default=0, default=0, editable=False, help_text="Cases that get units."
                    ),
                ),
                ("applied_at", models.DateTimeField(blank=True, editable=False, null=True)),
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
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="packing_plans",
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
                "db_table": "qr_packing_plans",
                "permissions": [
                    ("retry_packingplan", "Can retry packing plans"),
                    ("cancel_packingplan", "Can cancel packing plans"),
                    ("requeue_packingplan", "Can requeue packing plans"),
                    ("prioritise_packingplan", "Can prioritise packing plans"),
                    ("run_packingplan", "Can run packing plans"),
                    ("apply_packingplan", "Can apply packing plans"),
                ],
                "indexes": [
                    models.Index(
                        models.F("priority"),
                        models.F("run_after"),
                        models.F("id"),
                        condition=models.Q(("status", "queued")),
                        name="qr_packing_plans_due",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("priority"),
                        models.F("run_after"),
                        models.F("id"),
                        condition=models.Q(("status", "queued")),
                        name="qr_packing_plans_org_due",
                    ),
                    models.Index(
                        models.F("lease_expires_at"),
                        condition=models.Q(("status", "running")),
                        name="qr_packing_plans_lease",
                    ),
                    models.Index(
                        models.F("created_at"), models.F("id"), name="qr_packing_plans_created"
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("created_at"),
                        models.F("id"),
                        name="qr_packing_plans_org_new",
                    ),
                    models.Index(
                        models.F("created_at"),
                        models.F("id"),
                        condition=models.Q(("status__in", ["failed", "cancelled"])),
                        name="qr_packing_plans_failed",
                    ),
                    models.Index(
                        models.F("completed_at"),
                        condition=models.Q(("completed_at__isnull", False)),
                        name="qr_packing_plans_ended",
                    ),
                    models.Index(
                        models.F("batch"),
                        models.F("created_at"),
                        name="qr_packing_plans_batch_created",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("progress__gte", 0), ("progress__lte", 100)),
                        name="qr_packing_plans_progress_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("priority__gte", 1), ("priority__lte", 10)),
                        name="qr_packing_plans_priority_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                ["queued", "running", "completed", "failed", "cancelled"],
                            )
                        ),
                        name="qr_packing_plans_status_valid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ["file", "paste"])),
                        name="qr_packing_plans_source_valid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("phase__in", ["check", "apply"])),
                        name="qr_packing_plans_phase_valid",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="qr_packing_plans_org_id_uniq"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PackingPlanRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "plan_id",
                        "row_no",
                        "position",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("row_no", models.IntegerField()),
                ("position", models.IntegerField(help_text="Of the unit in its row, from 1.")),
                ("raw_master", models.CharField(max_length=500)),
                ("raw", models.CharField(max_length=500)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("ready", "Ready"), ("packed", "Packed"), ("refused", "Refused")],
                        max_length=10,
                        null=True,
                    ),
                ),
                ("reason", models.CharField(blank=True, db_default="", default="", max_length=40)),
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
                    "plan",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="rows",
                        to="qrtracking.packingplan",
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
                "db_table": "qr_packing_plan_rows",
                "indexes": [
                    models.Index(
                        models.F("plan"), models.F("master_code"), name="qr_packing_plan_rows_case"
                    ),
                    models.Index(
                        models.F("plan"),
                        models.F("unit"),
                        condition=models.Q(("unit__isnull", False)),
                        name="qr_packing_plan_rows_unit",
                    ),
                    models.Index(
                        models.F("unit"),
                        condition=models.Q(("unit__isnull", False)),
                        name="qr_packing_plan_rows_code",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("row_no__gte", 1)),
                        name="qr_packing_plan_rows_row_no_at_least_1",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("position__gte", 1)),
                        name="qr_packing_plan_rows_position_at_least_1",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["ready", "packed", "refused"])),
                        name="qr_packing_plan_rows_outcome_valid",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SsccCounter",
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
                    "company_prefix",
                    models.CharField(
                        help_text="GS1 company prefix, 7 to 10 digits.",
                        max_length=10,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9]{7,10}$", "Enter 7 to 10 digits."
                            )
                        ],
                    ),
                ),
                ("extension_digit", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("next_serial", models.BigIntegerField(db_default=1, default=1)),
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
                "verbose_name": "SSCC counter",
                "db_table": "qr_sscc_counters",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization",), name="qr_sscc_counters_org_uniq"
                    ),
                    models.UniqueConstraint(
                        fields=("company_prefix", "extension_digit"),
                        name="qr_sscc_counters_prefix_uniq",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("company_prefix__regex", "^[0-9]{7,10}$")),
                        name="qr_sscc_counters_prefix_format",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("extension_digit__gte", 0), ("extension_digit__lte", 9)
                        ),
                        name="qr_sscc_counters_extension_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("next_serial__gte", 0)),
                        name="qr_sscc_counters_serial_at_least_0",
                    ),
                ],
            },
        ),
    ]
