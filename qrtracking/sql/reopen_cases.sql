-- Recounts locked cases that have lost units. One that is no longer full is not packed any more and
-- goes nowhere; with `reset` it is to hold again what was planned for it.
UPDATE qr_master_codes master
SET actual_unit_count = counted.units,
    expected_unit_count = counted.expected,
    short_reason = CASE WHEN %(reset)s THEN NULL ELSE short_reason END,
    status = CASE
        WHEN master.status = 'packed' AND counted.units < counted.expected THEN counted.reopened
        ELSE master.status
    END,
    warehouse_org_id = CASE WHEN counted.units < counted.expected THEN NULL ELSE warehouse_org_id END,
    manufacturer_scanned_at = CASE WHEN counted.units > 0 THEN manufacturer_scanned_at END,
    manufacturer_scanned_by = CASE WHEN counted.units > 0 THEN manufacturer_scanned_by END,
    manufacturer_org_id = CASE WHEN counted.units > 0 THEN manufacturer_org_id END,
    updated_at = statement_timestamp()
FROM (
    SELECT
        held.id,
        opened.status AS reopened,
        CASE WHEN %(reset)s THEN held.planned_unit_count ELSE held.expected_unit_count END
            AS expected,
        (SELECT count(*) FROM qr_codes inside WHERE inside.master_code_id = held.id) AS units
    FROM unnest(%(cases)s::uuid[], %(statuses)s::text[]) AS opened (id, status)
    JOIN qr_master_codes held ON held.id = opened.id
) counted
WHERE master.id = counted.id
RETURNING master.*
