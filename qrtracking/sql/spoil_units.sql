-- Marks locked units as spoiled and takes them out of their cases, of the queue and of people's lists.
-- A packed one keeps the status that it had before it was packed, so that all of it can be undone.
WITH {part_live_rows.sql}, spoiled AS (
    UPDATE qr_codes
    SET status = 'spoiled',
        previous_status = CASE WHEN master_code_id IS NULL THEN status ELSE previous_status END,
        master_code_id = NULL,
        last_scanned_at = statement_timestamp(),
        last_scanned_by = %(actor)s,
        updated_at = statement_timestamp()
    WHERE id = ANY (%(units)s::uuid[])
), dropped AS (
    UPDATE qr_prepared_codes
    SET status = 'invalid', invalid_reason = 'not_available', updated_at = statement_timestamp()
    WHERE id IN (SELECT id FROM live)
)
UPDATE qr_scan_items
SET outcome = 'removed', updated_at = statement_timestamp()
WHERE code_id = ANY (%(units)s::uuid[]) AND outcome = 'listed'
