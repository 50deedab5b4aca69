-- Where ledger and batches say something else than the rows of the queue: kind, organization,
-- subject, what is stored, what is found. One statement sees one moment, and items move together
-- with their counters, so that a difference is never just work in progress.
WITH {part_ledger_state.sql}, part AS (
    SELECT organization_id, batch_id, count(*) AS rows,
        count(*) FILTER (WHERE status = 'completed') AS completed,
        count(*) FILTER (WHERE status = 'failed') AS failed
    FROM imei_data_queue
    WHERE batch_id IS NOT NULL
        AND (%(organization)s::uuid IS NULL OR organization_id = %(organization)s::uuid)
    GROUP BY organization_id, batch_id
), batch AS (
    SELECT organization_id, batch_id, total_items, processed_items, failed_items,
        coalesce(part.rows, 0) + cleared_items + discarded_items AS total,
        coalesce(part.completed, 0) + cleared_items AS processed,
        coalesce(part.failed, 0) + discarded_items AS failed
    FROM queue_batch LEFT JOIN part USING (organization_id, batch_id)
    WHERE %(organization)s::uuid IS NULL OR organization_id = %(organization)s::uuid
)
SELECT 'ledger rows', organization_id, status, stored, rows FROM wrong WHERE has_wrong_rows
UNION ALL
SELECT 'ledger seconds', organization_id, status, stored_seconds::bigint, seconds::bigint
FROM wrong WHERE has_wrong_seconds
UNION ALL
SELECT 'batch total', organization_id, batch_id, total_items, total
FROM batch WHERE total_items <> total
UNION ALL
SELECT 'batch processed', organization_id, batch_id, processed_items, processed
FROM batch WHERE processed_items <> processed
UNION ALL
SELECT 'batch failed', organization_id, batch_id, failed_items, failed
FROM batch WHERE failed_items <> failed
ORDER BY 2, 1, 3
