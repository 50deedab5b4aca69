"""Keys that the database cascades by itself, the ledger of the queue, and room on its pages."""

from django.db import migrations

PARTS = ("imei_sku_info", "imei_inspect_data", "imei_units", "device_test", "inventory", "movement")

# The counts of /stats are sums of these rows: statements of operators' own count too.
LEDGER = """
CREATE FUNCTION imei_data_queue_count_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO queue_count (organization_id, status, row_delta, second_delta)
    SELECT organization_id, status, count(*), coalesce(sum(extract(epoch FROM
        processed_at - created_at)) FILTER (WHERE status = 'completed'), 0)
    FROM new_rows GROUP BY organization_id, status;
    RETURN NULL;
END
$$;
CREATE FUNCTION imei_data_queue_count_old() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO queue_count (organization_id, status, row_delta, second_delta)
    SELECT organization_id, status, -count(*), -coalesce(sum(extract(epoch FROM
        processed_at - created_at)) FILTER (WHERE status = 'completed'), 0)
    FROM old_rows GROUP BY organization_id, status;
    RETURN NULL;
END
$$;
CREATE FUNCTION imei_data_queue_count_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO queue_count (organization_id, status, row_delta, second_delta)
    SELECT organization_id, status, sum(rows), sum(seconds)
    FROM (
        SELECT organization_id, status, 1 AS rows, CASE WHEN status = 'completed' THEN
            coalesce(extract(epoch FROM processed_at - created_at), 0) ELSE 0 END AS seconds
        FROM new_rows
        UNION ALL
        SELECT organization_id, status, -1, CASE WHEN status = 'completed' THEN
            -coalesce(extract(epoch FROM processed_at - created_at), 0) ELSE 0 END
        FROM old_rows
    ) AS moves
    GROUP BY organization_id, status
    HAVING sum(rows) <> 0 OR sum(seconds) <> 0;
    RETURN NULL;
END
$$;
CREATE TRIGGER imei_data_queue_count_insert AFTER INSERT ON imei_data_queue
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION imei_data_queue_count_new();
CREATE TRIGGER imei_data_queue_count_delete AFTER DELETE ON imei_data_queue
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION imei_data_queue_count_old();
CREATE TRIGGER imei_data_queue_count_update AFTER UPDATE ON imei_data_queue
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION imei_data_queue_count_moved();
"""
DROP_LEDGER = """
DROP TRIGGER imei_data_queue_count_insert ON imei_data_queue;
DROP TRIGGER imei_data_queue_count_delete ON imei_data_queue;
DROP TRIGGER imei_data_queue_count_update ON imei_data_queue;
DROP FUNCTION imei_data_queue_count_new();
DROP FUNCTION imei_data_queue_count_old();
DROP FUNCTION imei_data_queue_count_moved();
"""
STORAGE = """
ALTER TABLE imei_data_queue SET (fillfactor = 80,
    autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.01);
ALTER TABLE queue_batch SET (fillfactor = 50);
ALTER TABLE queue_drain SET (fillfactor = 50);
ALTER TABLE item SET (fillfactor = 80);
ALTER TABLE inventory SET (fillfactor = 80);
"""


def add_key(table, parent, column, name):
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_{name}_fkey FOREIGN KEY ({column}) "
        f"REFERENCES {parent} (id) ON DELETE CASCADE",
        f"ALTER TABLE {table} DROP CONSTRAINT {table}_{name}_fkey",
    )


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial")]

    operations = [
        *[add_key(table, "item", "item_id", "item") for table in PARTS],
        add_key("queue_import_row", "queue_import", "import_id", "import"),
        migrations.RunSQL(LEDGER, DROP_LEDGER),
        migrations.RunSQL(STORAGE, migrations.RunSQL.noop),
    ]
