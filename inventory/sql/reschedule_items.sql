-- Items of a batch that wait for its time get another one, or none. What waits for a retry has been
-- tried before and is alone: it keeps its own time.
WITH chosen AS (
    SELECT id FROM imei_data_queue
    WHERE organization_id = %(organization)s AND batch_id = %(batch)s AND status = 'pending'
        AND NOT isolate AND run_after IS NOT NULL
        AND run_after IS DISTINCT FROM %(at)s::timestamptz
    ORDER BY id
    LIMIT %(limit)s
    FOR UPDATE
)
UPDATE imei_data_queue AS item
SET run_after = %(at)s::timestamptz, updated_at = clock_timestamp()
FROM chosen
WHERE item.id = chosen.id AND item.status = 'pending'
