-- Failed items become pending again, as if they had just come. What somebody has cancelled only
-- where it is named, and nothing of a batch that was undone: it is closed.
WITH chosen AS (
    SELECT id FROM imei_data_queue
    WHERE organization_id = %(organization)s AND status = 'failed'
        AND (%(ids)s::bigint[] IS NULL OR id = ANY (%(ids)s::bigint[]))
        AND (%(batch)s::text IS NULL OR batch_id = %(batch)s::text)
        AND (%(code)s::text IS NULL OR error_code = %(code)s::text)
        AND (%(ids)s::bigint[] IS NOT NULL OR error_code IS DISTINCT FROM 'cancelled')
        AND NOT EXISTS (
            SELECT FROM queue_batch
            WHERE queue_batch.batch_id = imei_data_queue.batch_id
                AND queue_batch.undone_at IS NOT NULL
        )
    ORDER BY id
    LIMIT %(limit)s
    FOR UPDATE
), moved AS (
    UPDATE imei_data_queue AS item
    SET status = 'pending', retry_count = 0, isolate = false, error_code = NULL,
        error_message = NULL, processed_at = NULL, run_after = NULL,
        updated_at = clock_timestamp()
    FROM chosen
    WHERE item.id = chosen.id AND item.status = 'failed'
    RETURNING item.id, item.batch_id
), logged AS (
    INSERT INTO queue_processing_log (organization_id, queue_item_id, action, message)
    SELECT %(organization)s, id, 'retry', 'Item reset for retry' FROM moved ORDER BY id
)
SELECT batch_id, count(*) FROM moved GROUP BY batch_id
