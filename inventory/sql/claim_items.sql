-- The next items of an organization, theirs who runs this. Rows that others hold are left out,
-- delayed rows are not in the index, rows that failed before are claimed one by one elsewhere.
WITH due AS (
    SELECT id FROM imei_data_queue
    WHERE organization_id = %(organization)s
        AND status = 'pending' AND run_after IS NULL AND NOT isolate
    ORDER BY priority, created_at, id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
), {part_claim.sql}
