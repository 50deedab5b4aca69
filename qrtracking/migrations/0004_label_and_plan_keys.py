"""Keys of label sheets and packing plans that the database checks and cascades by itself."""

from django.db import migrations

CASCADE, SET_NULL = "CASCADE", "SET NULL"

BATCH = ("organization_id, order_id, batch_id", "qr_batches (organization_id, order_id, id)")

# (table, name, columns, parent, on delete)
KEYS = [
    ("qr_label_sheets", "batch", *BATCH, CASCADE),
    (
        "qr_label_pages",
        "sheet",
        "organization_id, sheet_id",
        "qr_label_sheets (organization_id, id)",
        CASCADE,
    ),
    ("qr_packing_plans", "batch", *BATCH, CASCADE),
    (
        "qr_packing_plan_rows",
        "plan",
        "organization_id, plan_id",
        "qr_packing_plans (organization_id, id)",
        CASCADE,
    ),
    (
        "qr_packing_plan_rows",
        "master_code",
        "master_code_id",
        "qr_master_codes (id)",
        SET_NULL,
    ),
    ("qr_packing_plan_rows", "code", "code_id", "qr_codes (id)", SET_NULL),
]


def add_key(table, name, columns, parent, on_delete):
    constraint = f"{table}_{name}_fkey"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {constraint} FOREIGN KEY ({columns}) "
        f"REFERENCES {parent} ON DELETE {on_delete}",
        f"ALTER TABLE {table} DROP CONSTRAINT {constraint}",
    )


class Migration(migrations.Migration):
    dependencies = [("qrtracking", "0003_labels_plans_sscc")]

    operations = [
        *[add_key(*key) for key in KEYS],
        # Every page of a sheet moves its counters; rows of a plan change twice.
        migrations.RunSQL(
            "ALTER TABLE qr_label_sheets SET (fillfactor = 50);"
            "ALTER TABLE qr_packing_plans SET (fillfactor = 50);"
            "ALTER TABLE qr_packing_plan_rows SET (fillfactor = 80)",
            migrations.RunSQL.noop,
        ),
    ]
