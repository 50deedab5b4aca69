-- Batches counted anew from their rows and what went to the archive. They are locked before, so
-- that nobody counts in them meanwhile. Gives each batch, and whether it has ended by this.
WITH found AS (
    SELECT batch.id, batch.status AS was,
        batch.cleared_items + coalesce(item.completed, 0) AS processed,
        batch.discarded_items + coalesce(item.failed, 0) AS failed,
        batch.cleared_items + batch.discarded_items + coalesce(item.rows, 0) AS total
    FROM queue_batch AS batch
    LEFT JOIN LATERAL (
        SELECT count(*) AS rows, count(*) FILTER (WHERE status = 'completed') AS completed,
            count(*) FILTER (WHERE status = 'failed') AS failed
        FROM imei_data_queue AS item
        WHERE item.organization_id = batch.organization_id AND item.batch_id = batch.batch_id
    ) AS item ON true
    WHERE batch.id = ANY (%(batches)s::bigint[])
)
UPDATE queue_batch AS batch
SET total_items = total, processed_items = processed, failed_items = failed,
    status = CASE WHEN processed + failed < total THEN 'active'
        WHEN processed = 0 THEN 'failed' ELSE 'completed' END,
    completed_at = CASE WHEN processed + failed < total THEN NULL
        ELSE coalesce(completed_at, clock_timestamp()) END,
    completion_no = completion_no
        + CASE WHEN processed + failed = total AND was = 'active' THEN 1 ELSE 0 END,
    updated_at = clock_timestamp()
FROM found
WHERE batch.id = found.id
RETURNING batch.id, was = 'active' AND batch.status <> 'active'
