claimed AS (
    UPDATE imei_data_queue AS item
    SET status = 'processing', started_at = clock_timestamp(), locked_at = clock_timestamp(),
        locked_by = %(worker)s, lease_token = %(token)s, updated_at = clock_timestamp()
    FROM due
    WHERE item.id = due.id
    RETURNING item.id, item.raw_data, item.priority, item.retry_count, item.max_retries,
        item.source, item.batch_id, item.validation, item.created_at
), logged AS (
    INSERT INTO queue_processing_log (organization_id, queue_item_id, action, message)
    SELECT %(organization)s, id, 'processing', 'Item marked as processing'
    FROM claimed ORDER BY id
)
SELECT id, raw_data::text, retry_count, max_retries, source, batch_id, validation,
    greatest(0, extract(epoch FROM clock_timestamp() - created_at) * 1000)::bigint
FROM claimed
ORDER BY priority, created_at, id
