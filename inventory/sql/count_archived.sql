-- Batches remember how many of their items are in the archive, completed and failed ones.
WITH delta AS (
    SELECT batch_id, sum(cleared)::int AS cleared, sum(discarded)::int AS discarded
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS row (batch_id text, cleared int, discarded int)
    GROUP BY batch_id
), locked AS (
    SELECT id, batch_id FROM queue_batch
    WHERE organization_id = %(organization)s AND batch_id IN (SELECT batch_id FROM delta)
    ORDER BY batch_id
    FOR NO KEY UPDATE
)
UPDATE queue_batch AS batch
SET cleared_items = batch.cleared_items + delta.cleared,
    discarded_items = batch.discarded_items + delta.discarded, updated_at = clock_timestamp()
FROM locked JOIN delta USING (batch_id)
WHERE batch.id = locked.id
