-- The next items of an organization, theirs who runs this. Rows that others hold are left out,
-- delayed rows are not in the index, rows that failed before are claimed one by one elsewhere.
-- "pending" is written as a list of itself, here and beside this: it implies the partial index, but
-- gives no sequence to the index of the lists, which knows nothing of delays and is never to be read.
WITH due AS (
    SELECT id FROM imei_data_queue
    WHERE organization_id = %(organization)s
        AND status = ANY ('{pending,pending}') AND run_after IS NULL AND NOT isolate
    ORDER BY priority, created_at, id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
), {part_claim.sql}
