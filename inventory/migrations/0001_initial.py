import accounts.ids
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django.db.models.functions.text
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
            name="Device",
            fields=[
                ("id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("imei", models.CharField(max_length=15)),
                ("luhn_valid", models.BooleanField()),
                ("name", models.CharField(max_length=200)),
                ("sku", models.CharField(blank=True, max_length=100, null=True)),
                ("description", models.TextField(blank=True, db_default="", default="")),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "Active"), ("removed", "Removed")],
                        db_default="active",
                        default="active",
                        max_length=20,
                    ),
                ),
                (
                    "assumed",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        blank=True,
                        db_default=[],
                        default=list,
                        size=None,
                    ),
                ),
                ("suggested", models.JSONField(blank=True, null=True)),
                ("last_queue_item_id", models.BigIntegerField(blank=True, null=True)),
                ("last_batch_id", models.CharField(blank=True, max_length=50, null=True)),
                ("manual_changed_at", models.DateTimeField(blank=True, null=True)),
                ("received_at", models.DateTimeField(blank=True, null=True)),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "db_table": "item",
                "permissions": [
                    ("move_device", "Can move, remove and restore devices"),
                    ("export_stock", "Can export stock"),
                ],
                "indexes": [
                    models.Index(
                        fields=["organization", "updated_at", "id"], name="item_org_updated_idx"
                    ),
                    models.Index(
                        models.F("organization"),
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("sku"), "text_pattern_ops"
                        ),
                        name="item_org_sku_begin_idx",
                    ),
                    models.Index(
                        models.F("organization"),
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Reverse("imei"), "text_pattern_ops"
                        ),
                        name="item_org_imei_end_idx",
                    ),
                    models.Index(
                        condition=models.Q(("luhn_valid", False)),
                        fields=["organization", "id"],
                        name="item_luhn_invalid_idx",
                    ),
                    models.Index(
                        condition=models.Q(("status", "removed")),
                        fields=["organization", "id"],
                        name="item_removed_idx",
                    ),
                    models.Index(
                        condition=models.Q(("suggested__isnull", False)),
                        fields=["organization", "id"],
                        name="item_suggested_idx",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "imei"), name="item_imei_uniq"),
                    models.CheckConstraint(
                        condition=models.Q(("imei__regex", "^[0-9]{15}$")), name="item_imei_digits"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["active", "removed"])),
                        name="item_status_valid",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DeviceTest",
            fields=[
                ("id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("imei", models.CharField(max_length=15)),
                ("queue_item_id", models.BigIntegerField(blank=True, null=True)),
                (
                    "test_type",
                    models.CharField(db_default="PHONECHECK", default="PHONECHECK", max_length=30),
                ),
                (
                    "test_result",
                    models.CharField(
                        choices=[
                            ("PASSED", "Passed"),
                            ("FAILED", "Failed"),
                            ("PENDING", "Pending"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "working",
                    models.CharField(
                        choices=[("YES", "Yes"), ("NO", "No"), ("PENDING", "Pending")],
                        max_length=10,
                    ),
                ),
                ("defects", models.TextField(blank=True, null=True)),
                ("tester_name", models.CharField(blank=True, max_length=100, null=True)),
                (
                    "notes",
                    models.TextField(
                        db_default="Auto-generated from queue processing",
                        default="Auto-generated from queue processing",
                    ),
                ),
                (
                    "tested_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_column="item_id",
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="tests",
                        to="inventory.device",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "db_table": "device_test",
                "indexes": [
                    models.Index(fields=["item", "tested_at"], name="device_test_item_idx")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("queue_item_id",), name="device_test_once"),
                    models.CheckConstraint(
                        condition=models.Q(("test_result__in", ["PASSED", "FAILED", "PENDING"])),
                        name="device_test_result_valid",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Warehouse",
            fields=[
                ("id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("name_key", models.CharField(editable=False, max_length=100)),
                ("is_default", models.BooleanField(db_default=False, default=False)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "db_table": "warehouse",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "name_key"), name="warehouse_name_uniq"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("organization",),
                        name="warehouse_one_default",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Location",
            fields=[
                ("id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("name_key", models.CharField(editable=False, max_length=100)),
                ("description", models.TextField(blank=True, db_default="", default="")),
                ("auto_created", models.BooleanField(db_default=False, default=False)),
                ("is_active", models.BooleanField(db_default=True, default=True)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "warehouse",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="locations",
                        to="inventory.warehouse",
                    ),
                ),
            ],
            options={
                "db_table": "location",
                "indexes": [
                    models.Index(fields=["organization", "name_key"], name="location_org_key_idx")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("warehouse", "name_key"), name="location_name_uniq"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Movement",
            fields=[
                ("id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("imei", models.CharField(max_length=15)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("intake", "Intake"),
                            ("move", "Move"),
                            ("return", "Return"),
                            ("remove", "Remove"),
                            ("undo", "Undo"),
                        ],
                        max_length=10,
                    ),
                ),
                ("queue_item_id", models.BigIntegerField(blank=True, null=True)),
                ("note", models.TextField(blank=True, db_default="", default="")),
                (
                    "from_location",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.location",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_column="item_id",
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="movements",
                        to="inventory.device",
                    ),
                ),
                (
                    "moved_by",
                    models.ForeignKey(
                        blank=True,
                        db_column="moved_by",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "to_location",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.location",
                    ),
                ),
            ],
            options={
                "db_table": "movement",
                "indexes": [
                    models.Index(fields=["item", "id"], name="movement_item_idx"),
                    models.Index(
                        fields=["organization", "created_at", "id"], name="movement_org_idx"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("queue_item_id",), name="movement_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reason__in", ["intake", "move", "return", "remove", "undo"])
                        ),
                        name="movement_reason_valid",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProcessingLog",
            fields=[
                ("id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("queue_item_id", models.BigIntegerField()),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("processing", "Processing"),
                            ("completed", "Completed"),
                            ("failed", "Failed"),
                            ("retry", "Retry"),
                            ("cleared", "Cleared"),
                            ("undone", "Undone"),
                        ],
                        max_length=20,
                    ),
                ),
                ("message", models.TextField(blank=True, null=True)),
                ("error", models.TextField(blank=True, null=True)),
                ("error_code", models.CharField(blank=True, max_length=40, null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "db_table": "queue_processing_log",
                "indexes": [
                    models.Index(models.F("queue_item_id"), models.F("id"), name="qpl_item_idx"),
                    django.contrib.postgres.indexes.BrinIndex(
                        models.F("created_at"), name="qpl_created_brin"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "action__in",
                                ["processing", "completed", "failed", "retry", "cleared", "undone"],
                            )
                        ),
                        name="qpl_action_valid",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="QueueArchive",
            fields=[
                ("id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ("queue_id", models.BigIntegerField()),
                ("imei", models.CharField(blank=True, max_length=15, null=True)),
                ("source", models.CharField(blank=True, max_length=50, null=True)),
                ("batch_id", models.CharField(blank=True, max_length=50, null=True)),
                ("raw_data", models.JSONField()),
                ("processing_status", models.CharField(max_length=20)),
                ("error_message", models.TextField(blank=True, null=True)),
                ("error_code", models.CharField(blank=True, max_length=40, null=True)),
                ("processing_time_ms", models.BigIntegerField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("processed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "archived_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "archived item",
                "db_table": "imei_data_log",
                "indexes": [
                    models.Index(
                        models.F("organization"), models.F("queue_id"), name="idl_org_queue_idx"
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("archived_at"),
                        models.F("id"),
                        name="idl_org_archived_idx",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("imei"),
                        models.F("id"),
                        name="idl_org_imei_idx",
                    ),
                    django.contrib.postgres.indexes.BrinIndex(
                        models.F("archived_at"), name="idl_archived_brin"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="QueueBatch",
            fields=[
                ("id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("batch_id", models.CharField(max_length=50, unique=True)),
                (
                    "source",
                    models.CharField(db_default="bulk-add", default="bulk-add", max_length=50),
                ),
                ("total_items", models.IntegerField(db_default=0, default=0)),
                (
                    "processed_items",
                    models.IntegerField(db_default=0, default=0, help_text="Succeeded."),
                ),
                (
                    "failed_items",
                    models.IntegerField(db_default=0, default=0, help_text="Failed for good."),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("active", "Active"),
                            ("completed", "Completed"),
                            ("failed", "Failed"),
                        ],
                        db_default="active",
                        default="active",
                        max_length=20,
                    ),
                ),
                (
                    "started_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("completed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                ("priority", models.IntegerField(db_default=5, default=5)),
                ("max_retries", models.IntegerField(db_default=3, default=3)),
                (
                    "validation",
                    models.CharField(
                        blank=True,
                        choices=[("warn", "Warn"), ("strict", "Strict")],
                        max_length=6,
                        null=True,
                    ),
                ),
                ("scheduled_at", models.DateTimeField(blank=True, null=True)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                ("import_id", models.UUIDField(blank=True, null=True)),
                ("undoable", models.BooleanField(db_default=False, default=False)),
                (
                    "cleared_items",
                    models.IntegerField(
                        db_default=0, default=0, help_text="Completed and moved to the archive."
                    ),
                ),
                (
                    "discarded_items",
                    models.IntegerField(
                        db_default=0, default=0, help_text="Failed and moved to the archive."
                    ),
                ),
                ("completion_no", models.IntegerField(db_default=0, default=0)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        db_column="created_by",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "queue batches",
                "db_table": "queue_batch",
                "permissions": [
                    ("cancel_batch", "Can cancel pending items"),
                    ("undo_batch", "Can undo a batch"),
                ],
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="qb_org_created_idx",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["active", "completed", "failed"])),
                        name="qb_status_valid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cleared_items__gte", 0),
                            ("completion_no__gte", 0),
                            ("discarded_items__gte", 0),
                            ("failed_items__gte", 0),
                            ("processed_items__gte", 0),
                            (
                                "total_items__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("processed_items"), "+", models.F("failed_items")
                                ),
                            ),
                        ),
                        name="qb_counts_valid",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="QueueControl",
            fields=[
                (
                    "organization",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="accounts.organization",
                    ),
                ),
                (
                    "desired_state",
                    models.CharField(
                        choices=[("running", "Running"), ("stopped", "Stopped")],
                        db_default="running",
                        default="running",
                        max_length=10,
                    ),
                ),
                (
                    "changed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "changed_by",
                    models.ForeignKey(
                        blank=True,
                        db_column="changed_by",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "queue",
                "db_table": "queue_control",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("desired_state__in", ["running", "stopped"])),
                        name="queue_control_state_valid",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="QueueCount",
            fields=[
                ("id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ("status", models.CharField(max_length=20)),
                ("row_delta", models.BigIntegerField()),
                ("second_delta", models.FloatField(db_default=0, default=0)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "db_table": "queue_count",
                "indexes": [
                    models.Index(fields=["organization", "id"], name="queue_count_org_idx")
                ],
            },
        ),
        migrations.CreateModel(
            name="QueueDrain",
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
                ("lane", models.SmallIntegerField(db_default=1, default=1)),
                ("claimed", models.IntegerField(db_default=0, default=0, editable=False)),
                ("completed", models.IntegerField(db_default=0, default=0, editable=False)),
                ("failed", models.IntegerField(db_default=0, default=0, editable=False)),
                ("retried", models.IntegerField(db_default=0, default=0, editable=False)),
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
            ],
            options={
                "db_table": "queue_drain",
                "permissions": [
                    ("retry_queuedrain", "Can retry drains"),
                    ("cancel_queuedrain", "Can cancel drains"),
                    ("requeue_queuedrain", "Can requeue drains"),
                    ("prioritise_queuedrain", "Can prioritise drains"),
                    ("run_queuedrain", "Can run drains"),
                ],
                "indexes": [
                    models.Index(
                        models.F("priority"),
                        models.F("run_after"),
                        models.F("id"),
                        condition=models.Q(("status", "queued")),
                        name="queue_drain_due",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("priority"),
                        models.F("run_after"),
                        models.F("id"),
                        condition=models.Q(("status", "queued")),
                        name="queue_drain_org_due",
                    ),
                    models.Index(
                        models.F("lease_expires_at"),
                        condition=models.Q(("status", "running")),
                        name="queue_drain_lease",
                    ),
                    models.Index(
                        models.F("created_at"), models.F("id"), name="queue_drain_created"
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("created_at"),
                        models.F("id"),
                        name="queue_drain_org_new",
                    ),
                    models.Index(
                        models.F("created_at"),
                        models.F("id"),
                        condition=models.Q(("status__in", ["failed", "cancelled"])),
                        name="queue_drain_failed",
                    ),
                    models.Index(
                        models.F("completed_at"),
                        condition=models.Q(("completed_at__isnull", False)),
                        name="queue_drain_ended",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("progress__gte", 0), ("progress__lte", 100)),
                        name="queue_drain_progress_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("priority__gte", 1), ("priority__lte", 10)),
                        name="queue_drain_priority_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                ["queued", "running", "completed", "failed", "cancelled"],
                            )
                        ),
                        name="queue_drain_status_valid",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["queued", "running"])),
                        fields=("organization", "lane"),
                        name="queue_drain_open_lane_uniq",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="QueueImport",
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
                            ("uploaded", "Uploaded"),
                            ("reading", "Reading"),
                            ("ready", "Ready"),
                            ("queued", "Queued"),
                            ("cancelled", "Cancelled"),
                            ("failed", "Failed"),
                        ],
                        db_default="uploaded",
                        default="uploaded",
                        max_length=20,
                    ),
                ),
                (
                    "file",
                    models.FileField(blank=True, max_length=200, upload_to="inventory-imports/"),
                ),
                (
                    "file_name",
                    models.CharField(blank=True, db_default="", default="", max_length=255),
                ),
                ("file_size", models.BigIntegerField(db_default=0, default=0, editable=False)),
                ("sha256", models.CharField(max_length=64)),
                ("format", models.CharField(blank=True, db_default="", default="", max_length=10)),
                ("mapping", models.JSONField(blank=True, db_default={}, default=dict)),
                ("options", models.JSONField(blank=True, db_default={}, default=dict)),
                (
                    "counts",
                    models.JSONField(blank=True, db_default={}, default=dict, editable=False),
                ),
                (
                    "batch_id",
                    models.CharField(blank=True, editable=False, max_length=50, null=True),
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
            ],
            options={
                "db_table": "queue_import",
                "permissions": [
                    ("retry_queueimport", "Can retry imports"),
                    ("cancel_queueimport", "Can cancel imports"),
                    ("requeue_queueimport", "Can requeue imports"),
                    ("prioritise_queueimport", "Can prioritise imports"),
                    ("run_queueimport", "Can run imports"),
                    ("import_file", "Can import files"),
                ],
                "indexes": [
                    models.Index(
                        models.F("priority"),
                        models.F("run_after"),
                        models.F("id"),
                        condition=models.Q(("status", "uploaded")),
                        name="queue_import_due",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("priority"),
                        models.F("run_after"),
                        models.F("id"),
                        condition=models.Q(("status", "uploaded")),
                        name="queue_import_org_due",
                    ),
                    models.Index(
                        models.F("lease_expires_at"),
                        condition=models.Q(("status", "reading")),
                        name="queue_import_lease",
                    ),
                    models.Index(
                        models.F("created_at"), models.F("id"), name="queue_import_created"
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("created_at"),
                        models.F("id"),
                        name="queue_import_org_new",
                    ),
                    models.Index(
                        models.F("created_at"),
                        models.F("id"),
                        condition=models.Q(("status__in", ["failed", "cancelled"])),
                        name="queue_import_failed",
                    ),
                    models.Index(
                        models.F("completed_at"),
                        condition=models.Q(("completed_at__isnull", False)),
                        name="queue_import_ended",
                    ),
                    models.Index(fields=["organization", "sha256"], name="queue_import_sha_idx"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("progress__gte", 0), ("progress__lte", 100)),
                        name="queue_import_progress_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("priority__gte", 1), ("priority__lte", 10)),
                        name="queue_import_priority_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                ["uploaded", "reading", "ready", "queued", "cancelled", "failed"],
                            )
                        ),
                        name="queue_import_status_valid",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="queue_import_org_id_uniq"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="QueueImportRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "queue_import_id",
                        "line_no",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("line_no", models.IntegerField()),
                ("data", models.JSONField()),
                ("imei_norm", models.CharField(blank=True, max_length=15, null=True)),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("new", "New"),
                            ("update", "Update"),
                            ("duplicate", "Duplicate"),
                            ("invalid", "Invalid"),
                        ],
                        max_length=10,
                        null=True,
                    ),
                ),
                ("error_code", models.CharField(blank=True, max_length=40, null=True)),
                ("error_message", models.TextField(blank=True, null=True)),
                ("warnings", models.JSONField(blank=True, db_default=[], default=list)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "queue_import",
                    models.ForeignKey(
                        db_column="import_id",
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="rows",
                        to="inventory.queueimport",
                    ),
                ),
            ],
            options={
                "db_table": "queue_import_row",
                "indexes": [
                    models.Index(
                        fields=["queue_import", "verdict", "line_no"], name="qir_verdict_idx"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("verdict__in", ["new", "update", "duplicate", "invalid"])
                        ),
                        name="qir_verdict_valid",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="QueueItem",
            fields=[
                ("id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("raw_data", models.JSONField(help_text="Exactly as it was posted.")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("processing", "Processing"),
                            ("completed", "Completed"),
                            ("failed", "Failed"),
                        ],
                        db_default="pending",
                        default="pending",
                        max_length=20,
                    ),
                ),
                ("priority", models.IntegerField(db_default=5, default=5)),
                (
                    "retry_count",
                    models.IntegerField(db_default=0, default=0, help_text="Retries used."),
                ),
                ("max_retries", models.IntegerField(db_default=3, default=3)),
                ("source", models.CharField(blank=True, max_length=50, null=True)),
                ("batch_id", models.CharField(blank=True, max_length=50, null=True)),
                ("error_message", models.TextField(blank=True, null=True)),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                ("processed_at", models.DateTimeField(blank=True, null=True)),
                ("imei_norm", models.CharField(blank=True, max_length=15, null=True)),
                ("error_code", models.CharField(blank=True, max_length=40, null=True)),
                (
                    "warnings",
                    models.JSONField(
                        blank=True, db_default=models.Value([], models.JSONField()), default=list
                    ),
                ),
                (
                    "validation",
                    models.CharField(
                        blank=True,
                        choices=[("warn", "Warn"), ("strict", "Strict")],
                        max_length=6,
                        null=True,
                    ),
                ),
                (
                    "run_after",
                    models.DateTimeField(blank=True, help_text="Empty: due now.", null=True),
                ),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("locked_at", models.DateTimeField(blank=True, null=True)),
                ("locked_by", models.CharField(blank=True, max_length=120, null=True)),
                ("lease_token", models.UUIDField(blank=True, null=True)),
                (
                    "isolate",
                    models.BooleanField(
                        db_default=False, default=False, help_text="Handled alone."
                    ),
                ),
                ("client_ref", models.UUIDField(blank=True, null=True)),
                ("line_no", models.IntegerField(blank=True, null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "queue item",
                "db_table": "imei_data_queue",
                "permissions": [
                    ("retry_item", "Can queue failed items again"),
                    ("process_queue", "Can process items in the foreground"),
                    ("clear_completed", "Can move completed items to the archive"),
                    ("control_queue", "Can start and stop the queue"),
                ],
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.F("priority"),
                        models.F("created_at"),
                        models.F("id"),
                        condition=models.Q(
                            ("isolate", False), ("run_after", None), ("status", "pending")
                        ),
                        name="iq_due_idx",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("priority"),
                        models.F("created_at"),
                        models.F("id"),
                        condition=models.Q(
                            ("isolate", True), ("run_after", None), ("status", "pending")
                        ),
                        name="iq_isolated_idx",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("run_after"),
                        condition=models.Q(("run_after__isnull", False), ("status", "pending")),
                        name="iq_delayed_idx",
                    ),
                    models.Index(
                        models.F("locked_at"),
                        condition=models.Q(("status", "processing")),
                        name="iq_lease_idx",
                    ),
                    models.Index(
                        fields=["organization", "status", "priority", "created_at", "id"],
                        include=("source",),
                        name="iq_list_idx",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("batch_id"),
                        models.F("status"),
                        models.F("priority"),
                        models.F("created_at"),
                        models.F("id"),
                        name="iq_batch_idx",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("imei_norm"),
                        models.F("id"),
                        name="iq_imei_idx",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("error_code"),
                        condition=models.Q(("status", "failed")),
                        name="iq_failed_idx",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["pending", "processing", "completed", "failed"])
                        ),
                        name="iq_status_valid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("priority__gte", 1), ("priority__lte", 10)),
                        name="iq_priority_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("max_retries__lte", 10),
                            ("retry_count__gte", 0),
                            ("retry_count__lte", models.F("max_retries")),
                        ),
                        name="iq_retry_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("raw_data__jsonb_typeof", "object")),
                        name="iq_raw_is_object",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("validation__in", ["warn", "strict"])),
                        name="iq_validation_valid",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("client_ref__isnull", False)),
                        fields=("organization", "client_ref"),
                        name="iq_client_ref_uniq",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="QueueItemUndo",
            fields=[
                ("queue_item_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("batch_id", models.CharField(max_length=50)),
                ("imei", models.CharField(max_length=15)),
                ("created", models.BooleanField(help_text="The item made the device.")),
                ("before", models.JSONField(blank=True, null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "db_table": "queue_item_undo",
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.F("batch_id"),
                        models.F("imei"),
                        models.F("queue_item_id"),
                        name="queue_item_undo_batch_idx",
                    ),
                    django.contrib.postgres.indexes.BrinIndex(
                        models.F("created_at"), name="queue_item_undo_created_brin"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="QueueSlice",
            fields=[
                ("id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "finished_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("source", models.CharField(blank=True, db_default="", default="", max_length=50)),
                ("claimed", models.IntegerField(db_default=0, default=0)),
                ("completed", models.IntegerField(db_default=0, default=0)),
                ("failed", models.IntegerField(db_default=0, default=0)),
                ("retried", models.IntegerField(db_default=0, default=0)),
                ("wait_ms_sum", models.BigIntegerField(db_default=0, default=0)),
                ("wait_ms_max", models.BigIntegerField(db_default=0, default=0)),
                ("run_ms", models.BigIntegerField(db_default=0, default=0)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "analytics",
                "db_table": "queue_slice",
                "indexes": [
                    models.Index(
                        fields=["organization", "finished_at"], name="queue_slice_org_time_idx"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="QueueSource",
            fields=[
                ("id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("name", models.CharField(max_length=50)),
                ("json_schema", models.JSONField(blank=True, null=True)),
                (
                    "validation",
                    models.CharField(
                        blank=True,
                        choices=[("warn", "Warn"), ("strict", "Strict")],
                        max_length=6,
                        null=True,
                    ),
                ),
                ("default_location", models.CharField(blank=True, max_length=100, null=True)),
                ("max_retries", models.IntegerField(blank=True, null=True)),
                ("is_active", models.BooleanField(db_default=True, default=True)),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "source",
                "db_table": "queue_source",
                "permissions": [("manage_rules", "Can manage sources, SKU rules and TAC models")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "name"), name="queue_source_name_uniq"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("validation__in", ["warn", "strict"])),
                        name="queue_source_validation_valid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("max_retries__gte", 0), ("max_retries__lte", 10)),
                        name="queue_source_retries_range",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SkuRule",
            fields=[
                ("id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("position", models.IntegerField()),
                (
                    "match_brand",
                    models.CharField(blank=True, db_default="", default="", max_length=100),
                ),
                (
                    "match_model",
                    models.CharField(blank=True, db_default="", default="", max_length=100),
                ),
                (
                    "match_storage",
                    models.CharField(blank=True, db_default="", default="", max_length=100),
                ),
                (
                    "match_color",
                    models.CharField(blank=True, db_default="", default="", max_length=100),
                ),
                (
                    "match_carrier",
                    models.CharField(blank=True, db_default="", default="", max_length=100),
                ),
                ("sku", models.CharField(max_length=100)),
                ("is_active", models.BooleanField(db_default=True, default=True)),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "SKU rule",
                "db_table": "sku_rule",
                "indexes": [
                    models.Index(fields=["organization", "position", "id"], name="sku_rule_org_idx")
                ],
            },
        ),
        migrations.CreateModel(
            name="StockEntry",
            fields=[
                ("id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("imei", models.CharField(max_length=15)),
                ("quantity", models.IntegerField(db_default=1, default=1)),
                (
                    "status",
                    models.CharField(
                        choices=[("in_stock", "In Stock"), ("removed", "Removed")],
                        db_default="in_stock",
                        default="in_stock",
                        max_length=20,
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                (
                    "item",
                    models.OneToOneField(
                        db_column="item_id",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="stock",
                        to="inventory.device",
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.location",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "device in stock",
                "verbose_name_plural": "stock",
                "db_table": "inventory",
                "indexes": [
                    models.Index(fields=["location", "status"], name="inventory_location_idx")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity", 1)), name="inventory_one_unit"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["in_stock", "removed"])),
                        name="inventory_status_valid",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StockJob",
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
                    "kind",
                    models.CharField(
                        choices=[("export", "Export"), ("apply_sku_rules", "Apply Sku Rules")],
                        max_length=20,
                    ),
                ),
                ("options", models.JSONField(blank=True, db_default={}, default=dict)),
                ("row_count", models.IntegerField(db_default=0, default=0, editable=False)),
                (
                    "file",
                    models.FileField(blank=True, max_length=200, upload_to="inventory-exports/"),
                ),
                ("expires_at", models.DateTimeField(blank=True, editable=False, null=True)),
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
            ],
            options={
                "verbose_name": "export",
                "verbose_name_plural": "exports and stock jobs",
                "db_table": "stock_job",
                "permissions": [
                    ("retry_stockjob", "Can retry stock jobs"),
                    ("cancel_stockjob", "Can cancel stock jobs"),
                    ("requeue_stockjob", "Can requeue stock jobs"),
                    ("prioritise_stockjob", "Can prioritise stock jobs"),
                    ("run_stockjob", "Can run stock jobs"),
                ],
                "indexes": [
                    models.Index(
                        models.F("priority"),
                        models.F("run_after"),
                        models.F("id"),
                        condition=models.Q(("status", "queued")),
                        name="stock_job_due",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("priority"),
                        models.F("run_after"),
                        models.F("id"),
                        condition=models.Q(("status", "queued")),
                        name="stock_job_org_due",
                    ),
                    models.Index(
                        models.F("lease_expires_at"),
                        condition=models.Q(("status", "running")),
                        name="stock_job_lease",
                    ),
                    models.Index(models.F("created_at"), models.F("id"), name="stock_job_created"),
                    models.Index(
                        models.F("organization"),
                        models.F("created_at"),
                        models.F("id"),
                        name="stock_job_org_new",
                    ),
                    models.Index(
                        models.F("created_at"),
                        models.F("id"),
                        condition=models.Q(("status__in", ["failed", "cancelled"])),
                        name="stock_job_failed",
                    ),
                    models.Index(
                        models.F("completed_at"),
                        condition=models.Q(("completed_at__isnull", False)),
                        name="stock_job_ended",
                    ),
                    models.Index(
                        models.F("kind"),
                        models.F("created_at"),
                        models.F("id"),
                        name="stock_job_kind_idx",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("progress__gte", 0), ("progress__lte", 100)),
                        name="stock_job_progress_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("priority__gte", 1), ("priority__lte", 10)),
                        name="stock_job_priority_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                ["queued", "running", "completed", "failed", "cancelled"],
                            )
                        ),
                        name="stock_job_status_valid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["export", "apply_sku_rules"])),
                        name="stock_job_kind_valid",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TacModel",
            fields=[
                ("id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("tac", models.CharField(max_length=8)),
                ("brand", models.CharField(max_length=100)),
                ("model", models.CharField(max_length=100)),
                ("device_count", models.IntegerField(db_default=0, default=0)),
                ("confirmed", models.BooleanField(db_default=False, default=False)),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True, db_default=django.db.models.functions.datetime.Now()
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "TAC model",
                "db_table": "tac_model",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "tac"), name="tac_model_tac_uniq"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("tac__regex", "^[0-9]{8}$")),
                        name="tac_model_tac_digits",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Inspection",
            fields=[
                (
                    "item",
                    models.OneToOneField(
                        db_column="item_id",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="%(class)s",
                        serialize=False,
                        to="inventory.device",
                    ),
                ),
                ("imei", models.CharField(max_length=15)),
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
                    "working_status",
                    models.CharField(
                        choices=[("YES", "Yes"), ("NO", "No"), ("PENDING", "Pending")],
                        max_length=10,
                    ),
                ),
                ("defects", models.TextField(blank=True, null=True)),
                ("battery_health", models.SmallIntegerField(blank=True, null=True)),
                ("battery_health_raw", models.CharField(blank=True, max_length=100, null=True)),
                ("battery_cycle", models.IntegerField(blank=True, null=True)),
                ("grade", models.CharField(blank=True, max_length=100, null=True)),
                ("mdm", models.CharField(blank=True, max_length=100, null=True)),
                ("tester_name", models.CharField(blank=True, max_length=100, null=True)),
                ("station", models.CharField(blank=True, max_length=100, null=True)),
                ("repair_notes", models.TextField(blank=True, null=True)),
                ("check_date", models.DateTimeField(blank=True, null=True)),
                ("test_results", models.JSONField(blank=True, null=True)),
                ("screen_condition", models.CharField(max_length=200)),
                ("body_condition", models.CharField(max_length=200)),
                ("notes", models.TextField(blank=True, db_default="", default="")),
                ("queue_item_id", models.BigIntegerField(blank=True, null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "db_table": "imei_inspect_data",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "imei"), name="imei_inspect_data_imei_uniq"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("working_status__in", ["YES", "NO", "PENDING"])),
                        name="imei_inspect_data_working_valid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("battery_health__gte", 0), ("battery_health__lte", 100)
                        ),
                        name="imei_inspect_data_battery_range",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SkuInfo",
            fields=[
                (
                    "item",
                    models.OneToOneField(
                        db_column="item_id",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="%(class)s",
                        serialize=False,
                        to="inventory.device",
                    ),
                ),
                ("imei", models.CharField(max_length=15)),
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
                ("sku", models.CharField(blank=True, max_length=100, null=True)),
                (
                    "sku_source",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("supplied", "Supplied"),
                            ("rule", "Rule"),
                            ("generated", "Generated"),
                        ],
                        max_length=10,
                        null=True,
                    ),
                ),
                ("brand", models.CharField(max_length=100)),
                ("model", models.CharField(max_length=100)),
                ("model_number", models.CharField(blank=True, max_length=100, null=True)),
                ("storage", models.CharField(max_length=100)),
                ("ram", models.CharField(blank=True, max_length=100, null=True)),
                ("color", models.CharField(max_length=100)),
                ("carrier", models.CharField(max_length=100)),
                ("tac", models.CharField(max_length=8)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "db_table": "imei_sku_info",
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.F("tac"),
                        django.db.models.functions.text.Lower("model"),
                        name="imei_sku_info_tac_model_idx",
                    ),
                    models.Index(
                        models.F("organization"),
                        django.db.models.functions.text.Upper("model"),
                        django.db.models.functions.text.Upper("brand"),
                        name="imei_sku_info_what_idx",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "imei"), name="imei_sku_info_imei_uniq"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sku_source__in", ["supplied", "rule", "generated"])),
                        name="imei_sku_info_source_valid",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UnitInfo",
            fields=[
                (
                    "item",
                    models.OneToOneField(
                        db_column="item_id",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="%(class)s",
                        serialize=False,
                        to="inventory.device",
                    ),
                ),
                ("imei", models.CharField(max_length=15)),
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
                ("unit_name", models.CharField(max_length=200)),
                (
                    "unit_type",
                    models.CharField(db_default="device", default="device", max_length=20),
                ),
                ("serial_number", models.CharField(blank=True, max_length=100, null=True)),
                ("imei2", models.CharField(blank=True, max_length=15, null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "db_table": "imei_units",
                "indexes": [
                    models.Index(fields=["organization", "imei2"], name="imei_units_imei2_idx"),
                    models.Index(
                        models.F("organization"),
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("serial_number"),
                            "text_pattern_ops",
                        ),
                        name="imei_units_serial_begin_idx",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "imei"), name="imei_units_imei_uniq"
                    )
                ],
            },
        ),
    ]
