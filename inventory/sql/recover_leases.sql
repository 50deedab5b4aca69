-- Items whose worker is gone: one attempt is used up, the next one handles them alone. With none
-- left they have failed, and their batch counts them.
WITH lost AS (
    SELECT id, retry_count < max_retries AS is_retried FROM imei_data_queue
    WHERE organization_id = %(organization)s AND status = 'processing'
        AND locked_at < clock_timestamp() - make_interval(secs => %(lease_seconds)s)
    ORDER BY id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
), moved AS (
    UPDATE imei_data_queue AS item
    SET status = CASE WHEN lost.is_retried THEN 'pending' ELSE 'failed' END,
        retry_count = item.retry_count + CASE WHEN lost.is_retried THEN 1 ELSE 0 END,
        isolate = true, run_after = NULL, locked_at = NULL, locked_by = NULL, lease_token = NULL,
        error_code = CASE WHEN lost.is_retried THEN NULL ELSE 'worker_lost' END,
        error_message = CASE WHEN lost.is_retried THEN NULL ELSE 'Recovered after worker loss' END,
        processed_at = CASE WHEN lost.is_retried THEN NULL ELSE clock_timestamp() END,
        updated_at = clock_timestamp()
    FROM lost
    WHERE item.id = lost.id
    RETURNING item.id, item.batch_id, lost.is_retried, item.max_retries
), logged AS (
    INSERT INTO queue_processing_log
        (organization_id, queue_item_id, action, message, error, error_code)
    SELECT %(organization)s, id, CASE WHEN is_retried THEN 'retry' ELSE 'failed' END,
        CASE WHEN is_retried THEN 'Recovered after worker loss'
            ELSE 'Item failed after ' || max_retries + 1 || ' attempts' END,
        CASE WHEN is_retried THEN NULL ELSE 'Recovered after worker loss' END,
        'worker_lost'
    FROM moved ORDER BY id
)
SELECT batch_id, count(*), count(*) FILTER (WHERE NOT is_retried) FROM moved GROUP BY batch_id
