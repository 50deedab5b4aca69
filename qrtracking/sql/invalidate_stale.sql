-- Takes live rows of units that lie in a case out of the queue. Only cases of the last hour's
-- events are looked at: ids are time-ordered, so that the key finds them, however large the tables.
UPDATE qr_prepared_codes
SET status = 'invalid', invalid_reason = 'packed_elsewhere', updated_at = statement_timestamp()
WHERE id = ANY (ARRAY(
    SELECT live.id
    FROM qr_scan_events event
    JOIN qr_codes unit ON unit.master_code_id = event.master_code_id
    JOIN qr_prepared_codes live ON live.code_id = unit.id AND live.status = 'prepared'
    WHERE event.id > (
        lpad(
            to_hex(
                (extract(epoch FROM statement_timestamp() - interval '1 hour') * 1000)::bigint
            ),
            12,
            '0'
        ) || repeat('0', 20)
    )::uuid
    LIMIT %(limit)s
    FOR UPDATE OF live SKIP LOCKED
))
