-- Packs locked units into their case. They leave the queue, and the lists of who has scanned them.
WITH {part_live_rows.sql}, {part_pack.sql}, dropped AS (
    UPDATE qr_prepared_codes
    SET status = 'invalid',
        invalid_reason = 'packed_elsewhere',
        updated_at = statement_timestamp()
    WHERE id IN (SELECT id FROM live)
), listed AS (
    UPDATE qr_scan_items item
    SET outcome = 'linked', event_id = event.id, updated_at = statement_timestamp()
    FROM event
    WHERE item.code_id = ANY (%(units)s::uuid[]) AND item.outcome = 'listed'
)
SELECT id FROM event
