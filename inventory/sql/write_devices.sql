-- Devices after a slice, with everything that hangs on them. Each device is one row here, so that
-- no row is touched twice.
WITH row AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS row (
        item_id bigint, is_new boolean, location_id bigint, imei text, tac text,
        luhn_valid boolean, is_removed boolean, assumed text[], last_queue_item_id bigint,
        last_batch_id text, queue_item_id bigint,
        name text, sku text, description text, received_at timestamptz,
        sku_source text, brand text, model text, model_number text, storage text, ram text,
        color text, carrier text,
        working_status text, defects text, battery_health smallint, battery_health_raw text,
        battery_cycle int, grade text, mdm text, tester_name text, station text,
        repair_notes text, check_date timestamptz, test_results jsonb, screen_condition text,
        body_condition text, notes text,
        serial_number text, imei2 text)
), device AS (
    UPDATE item
    SET name = row.name, sku = row.sku, description = row.description,
        luhn_valid = row.luhn_valid, assumed = row.assumed, received_at = row.received_at,
        last_queue_item_id = row.last_queue_item_id, last_batch_id = row.last_batch_id,
        status = CASE WHEN row.is_removed THEN 'removed' ELSE 'active' END,
        updated_at = clock_timestamp()
    FROM row
    WHERE item.id = row.item_id AND NOT row.is_new
), what AS (
    INSERT INTO imei_sku_info (item_id, organization_id, imei, tac, sku, sku_source, brand, model,
        model_number, storage, ram, color, carrier)
    SELECT item_id, %(organization)s, imei, tac, sku, sku_source, brand, model, model_number,
        storage, ram, color, carrier
    FROM row
    ON CONFLICT (item_id) DO UPDATE
    SET sku = excluded.sku, sku_source = excluded.sku_source, brand = excluded.brand,
        model = excluded.model, model_number = excluded.model_number,
        storage = excluded.storage, ram = excluded.ram, color = excluded.color,
        carrier = excluded.carrier, updated_at = clock_timestamp()
), inspected AS (
    INSERT INTO imei_inspect_data (item_id, organization_id, imei, working_status, defects,
        battery_health, battery_health_raw, battery_cycle, grade, mdm, tester_name, station,
        repair_notes, check_date, test_results, screen_condition, body_condition, notes,
        queue_item_id)
    SELECT item_id, %(organization)s, imei, working_status, defects, battery_health,
        battery_health_raw, battery_cycle, grade, mdm, tester_name, station, repair_notes,
        check_date, test_results, screen_condition, body_condition, notes, queue_item_id
    FROM row
    ON CONFLICT (item_id) DO UPDATE
    SET working_status = excluded.working_status, defects = excluded.defects,
        battery_health = excluded.battery_health,
        battery_health_raw = excluded.battery_health_raw,
        battery_cycle = excluded.battery_cycle, grade = excluded.grade, mdm = excluded.mdm,
        tester_name = excluded.tester_name, station = excluded.station,
        repair_notes = excluded.repair_notes, check_date = excluded.check_date,
        test_results = excluded.test_results, screen_condition = excluded.screen_condition,
        body_condition = excluded.body_condition, notes = excluded.notes,
        queue_item_id = excluded.queue_item_id, updated_at = clock_timestamp()
), unit AS (
    INSERT INTO imei_units (item_id, organization_id, imei, unit_name, serial_number, imei2)
    SELECT item_id, %(organization)s, imei, name, serial_number, imei2 FROM row
    ON CONFLICT (item_id) DO UPDATE
    SET unit_name = excluded.unit_name, serial_number = excluded.serial_number,
        imei2 = excluded.imei2, updated_at = clock_timestamp()
)
INSERT INTO inventory (organization_id, item_id, imei, location_id, status)
SELECT %(organization)s, item_id, imei, location_id,
    CASE WHEN is_removed THEN 'removed' ELSE 'in_stock' END
FROM row
ON CONFLICT (item_id) DO UPDATE
SET location_id = excluded.location_id, status = excluded.status, updated_at = clock_timestamp()
WHERE inventory.location_id <> excluded.location_id OR inventory.status <> excluded.status
