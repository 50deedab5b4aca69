"""Foreign keys that the database checks and cascades by itself.

Django's own keys would read a million units to delete their batch, know nothing of keys over
several columns, and put a constraint on every key of the two big tables. A key that begins with
organization_id keeps a row from hanging on another organization's parent.
"""

from django.db import migrations

CASCADE, RESTRICT, SET_NULL, NO_ACTION = "CASCADE", "RESTRICT", "SET NULL", "NO ACTION"

BATCH = ("organization_id, order_id, batch_id", "qr_batches (organization_id, order_id, id)")
VARIANT = (
    "organization_id, product_id, variant_id",
    "qr_product_variants (organization_id, product_id, id)",
)
ORDER = ("organization_id, order_id", "qr_orders (organization_id, id)")
JOB = ("organization_id, job_id", "qr_reverse_jobs (organization_id, id)")

# (table, name, columns, parent, on delete)
KEYS = [
    (
        "qr_product_variants",
        "product",
        "organization_id, product_id",
        "qr_products (organization_id, id)",
        NO_ACTION,
    ),
    ("qr_order_items", "order", *ORDER, CASCADE),
    ("qr_order_items", "variant", *VARIANT, NO_ACTION),
    ("qr_batches", "order", *ORDER, CASCADE),
    ("qr_master_codes", "batch", *BATCH, CASCADE),
    (
        "qr_master_codes",
        "planned_variant",
        "planned_variant_id",
        "qr_product_variants (id)",
        NO_ACTION,
    ),
    ("qr_codes", "batch", *BATCH, CASCADE),
    ("qr_codes", "variant", *VARIANT, NO_ACTION),
    # A unit can only be in a case of its own batch; a case with units in it cannot go away.
    (
        "qr_codes",
        "master_code",
        "batch_id, master_code_id",
        "qr_master_codes (batch_id, id)",
        RESTRICT,
    ),
    ("qr_reverse_jobs", "batch", *BATCH, CASCADE),
    (
        "qr_reverse_jobs",
        "filter_variant",
        "filter_variant_id",
        "qr_product_variants (id)",
        NO_ACTION,
    ),
    ("qr_reverse_job_excludes", "job", *JOB, CASCADE),
    ("qr_reverse_job_logs", "job", *JOB, CASCADE),
    ("qr_prepared_codes", "job", *JOB, CASCADE),
    ("qr_prepared_codes", "code", "code_id", "qr_codes (id)", CASCADE),
    ("qr_scan_events", "batch", *BATCH, CASCADE),
    (
        "qr_scan_events",
        "master_code",
        "batch_id, master_code_id",
        "qr_master_codes (batch_id, id)",
        CASCADE,
    ),
    ("qr_scan_events", "undone_by", "undone_by_event_id", "qr_scan_events (id)", SET_NULL),
    (
        "qr_scan_items",
        "batch",
        "organization_id, batch_id",
        "qr_batches (organization_id, id)",
        CASCADE,
    ),
    ("qr_scan_items", "code", "code_id", "qr_codes (id)", CASCADE),
    ("qr_scan_items", "event", "event_id", "qr_scan_events (id)", SET_NULL),
]

# Rows that change once or more after their insert get room on their page, and statistics that
# follow a job's million new rows at once.
STORAGE = [
    ("qr_codes", "fillfactor = 90"),
    ("qr_prepared_codes", "fillfactor = 90"),
    ("qr_master_codes", "fillfactor = 70"),
    ("qr_batches", "fillfactor = 50"),
    ("qr_reverse_jobs", "fillfactor = 50"),
    *[
        (
            table,
            "autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02, "
            "autovacuum_vacuum_insert_scale_factor = 0.1",
        )
        for table in ("qr_codes", "qr_prepared_codes")
    ],
]

# The cascade would take units and cases together before RESTRICT is looked at.
KEEP_PACKED = """
CREATE FUNCTION qr_batches_keep_packed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM qr_master_codes AS master_case
        JOIN qr_codes AS unit ON unit.master_code_id = master_case.id
        WHERE master_case.batch_id = OLD.id
    ) THEN
        RAISE EXCEPTION 'deleting a batch with packed units violates "qr_batches_nothing_packed"'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'qr_batches_nothing_packed';
    END IF;
    RETURN OLD;
END
$$;
CREATE TRIGGER qr_batches_nothing_packed BEFORE DELETE ON qr_batches
    FOR EACH ROW EXECUTE FUNCTION qr_batches_keep_packed();
"""
DROP_KEEP_PACKED = """
DROP TRIGGER qr_batches_nothing_packed ON qr_batches;
DROP FUNCTION qr_batches_keep_packed();
"""


def add_key(table, name, columns, parent, on_delete):
    constraint = f"{table}_{name}_fkey"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {constraint} FOREIGN KEY ({columns}) "
        f"REFERENCES {parent} ON DELETE {on_delete}",
        f"ALTER TABLE {table} DROP CONSTRAINT {constraint}",
    )


class Migration(migrations.Migration):
    dependencies = [("qrtracking", "0001_initial")]

    operations = [
        *[add_key(*key) for key in KEYS],
        migrations.RunSQL(KEEP_PACKED, DROP_KEEP_PACKED),
        *[
            migrations.RunSQL(f"ALTER TABLE {table} SET ({options})", migrations.RunSQL.noop)
            for table, options in STORAGE
        ],
    ]
