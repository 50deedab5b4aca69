-- The next item that has failed before: it is handled alone, and drags no neighbours down.
WITH due AS (
    SELECT id FROM imei_data_queue
    WHERE organization_id = %(organization)s
        AND status = ANY ('{pending,pending}') AND run_after IS NULL AND isolate
    ORDER BY priority, created_at, id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
), {part_claim.sql}
