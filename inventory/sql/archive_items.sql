-- Ended items leave the queue for the archive: gone there and kept here, or neither.
WITH chosen AS (
    SELECT id FROM imei_data_queue
    WHERE organization_id = %(organization)s AND status = %(status)s
        AND (%(ids)s::bigint[] IS NULL OR id = ANY (%(ids)s::bigint[]))
        AND (%(days)s::int IS NULL OR coalesce(processed_at, updated_at)
            < clock_timestamp() - make_interval(days => %(days)s::int))
    ORDER BY priority, created_at, id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM imei_data_queue AS item USING chosen
    WHERE item.id = chosen.id
    RETURNING item.*
), kept AS (
    INSERT INTO imei_data_log (organization_id, queue_id, imei, source, batch_id, raw_data,
        processing_status, error_message, error_code, processing_time_ms, created_at, processed_at)
    SELECT organization_id, id, imei_norm, source, batch_id, raw_data, status, error_message,
        error_code,
        CASE WHEN started_at IS NOT NULL
            THEN (extract(epoch FROM processed_at - started_at) * 1000)::bigint END,
        created_at, processed_at
    FROM gone ORDER BY id
), logged AS (
    INSERT INTO queue_processing_log (organization_id, queue_item_id, action, message)
    SELECT organization_id, id, 'cleared', 'Item moved to the archive' FROM gone ORDER BY id
)
SELECT batch_id, count(*) FROM gone GROUP BY batch_id
