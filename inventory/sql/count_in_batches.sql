-- Counters of some batches, locked in one sequence so that two slices never wait for each other.
-- Gives the batches that have ended by this.
WITH delta AS (
    SELECT batch_id, sum(processed)::int AS processed, sum(failed)::int AS failed
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS row (batch_id text, processed int, failed int)
    GROUP BY batch_id
), locked AS (
    SELECT id, batch_id FROM queue_batch
    WHERE organization_id = %(organization)s AND batch_id IN (SELECT batch_id FROM delta)
    ORDER BY batch_id
    FOR NO KEY UPDATE
), counted AS (
    UPDATE queue_batch AS batch
    SET processed_items = batch.processed_items + delta.processed,
        failed_items = batch.failed_items + delta.failed,
        -- Operators may have put items into a batch that nobody counted.
        total_items = greatest(batch.total_items,
            batch.processed_items + batch.failed_items + delta.processed + delta.failed),
        status = CASE
            WHEN batch.processed_items + batch.failed_items + delta.processed + delta.failed
                < batch.total_items THEN 'active'
            WHEN batch.processed_items + delta.processed = 0 THEN 'failed'
            ELSE 'completed' END,
        completed_at = CASE
            WHEN batch.processed_items + batch.failed_items + delta.processed + delta.failed
                < batch.total_items THEN NULL
            ELSE clock_timestamp() END,
        completion_no = batch.completion_no + CASE
            WHEN batch.processed_items + batch.failed_items + delta.processed + delta.failed
                < batch.total_items THEN 0
            ELSE 1 END,
        updated_at = clock_timestamp()
    FROM locked JOIN delta USING (batch_id)
    WHERE batch.id = locked.id
    RETURNING batch.id, batch.status
)
SELECT id FROM counted WHERE status <> 'active' ORDER BY id
