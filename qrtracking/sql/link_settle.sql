-- Recounts a case after packing into it: it is packed only when full, and then has a destination.
-- The first packed unit puts its batch into production.
WITH inside AS (
    SELECT count(*) AS units FROM qr_codes WHERE master_code_id = %(case)s
), started AS (
    UPDATE qr_batches
    SET status = 'in_production', version = version + 1, updated_at = statement_timestamp()
    WHERE id = %(batch)s AND status IN ('generated', 'printing')
)
UPDATE qr_master_codes master
SET actual_unit_count = inside.units,
    status = CASE WHEN inside.units < expected_unit_count THEN status ELSE 'packed' END,
    warehouse_org_id = CASE
        WHEN inside.units < expected_unit_count THEN warehouse_org_id ELSE %(destination)s::uuid
    END,
    manufacturer_scanned_at = statement_timestamp(),
    manufacturer_scanned_by = %(actor)s,
    manufacturer_org_id = %(organization)s,
    updated_at = statement_timestamp()
FROM inside
WHERE master.id = %(case)s
RETURNING master.*
