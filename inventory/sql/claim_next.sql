-- Exactly the next item in order, whether it has failed before or not. One that has failed is
-- locked only where it comes first, so that it stays free for others.
WITH clean AS (
    SELECT id, priority, created_at FROM imei_data_queue
    WHERE organization_id = %(organization)s
        AND status = ANY ('{pending,pending}') AND run_after IS NULL AND NOT isolate
    ORDER BY priority, created_at, id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
), isolated AS (
    SELECT id, priority, created_at FROM imei_data_queue
    WHERE organization_id = %(organization)s
        AND status = ANY ('{pending,pending}') AND run_after IS NULL AND isolate
        AND (priority, created_at, id) < (
            coalesce((SELECT priority FROM clean), 99),
            coalesce((SELECT created_at FROM clean), 'infinity'),
            coalesce((SELECT id FROM clean), 0))
    ORDER BY priority, created_at, id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
), due AS (
    SELECT id FROM (SELECT * FROM clean UNION ALL SELECT * FROM isolated) AS both_kinds
    ORDER BY priority, created_at, id
    LIMIT %(limit)s
), {part_claim.sql}
