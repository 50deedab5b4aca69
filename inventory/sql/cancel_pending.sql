-- Pending items fail because somebody does not want them any more.
WITH chosen AS (
    SELECT id FROM imei_data_queue
    WHERE organization_id = %(organization)s AND status = 'pending'
        AND (%(ids)s::bigint[] IS NULL OR id = ANY (%(ids)s::bigint[]))
        AND (%(batch)s::text IS NULL OR batch_id = %(batch)s::text)
    ORDER BY id
    LIMIT %(limit)s
    FOR UPDATE
), moved AS (
    UPDATE imei_data_queue AS item
    SET status = 'failed', error_code = 'cancelled', error_message = 'Cancelled',
        run_after = NULL, isolate = false, processed_at = clock_timestamp(),
        updated_at = clock_timestamp()
    FROM chosen
    WHERE item.id = chosen.id AND item.status = 'pending'
    RETURNING item.id, item.batch_id
), logged AS (
    INSERT INTO queue_processing_log
        (organization_id, queue_item_id, action, message, error, error_code)
    SELECT %(organization)s, id, 'failed', %(message)s, 'Cancelled', 'cancelled'
    FROM moved ORDER BY id
)
SELECT batch_id, count(*) FROM moved GROUP BY batch_id
