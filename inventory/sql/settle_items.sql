-- Items after their attempt, with a line each in the log. `delay` is the number of seconds until
-- the next attempt; no delay means that the item is due at once.
WITH row AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS row (id bigint, status text,
        action text, message text, error text, code text, warnings jsonb, imei text,
        retry_count int, delay float8)
), logged AS (
    INSERT INTO queue_processing_log
        (organization_id, queue_item_id, action, message, error, error_code)
    SELECT %(organization)s, id, action, message, error, code FROM row ORDER BY id
)
UPDATE imei_data_queue AS item
SET status = row.status, error_message = row.error, error_code = row.code,
    warnings = row.warnings, imei_norm = coalesce(row.imei, item.imei_norm),
    retry_count = row.retry_count, isolate = row.status = 'pending',
    run_after = CASE WHEN row.delay > 0
        THEN clock_timestamp() + make_interval(secs => row.delay) END,
    processed_at = CASE WHEN row.status <> 'pending' THEN clock_timestamp() END,
    locked_at = NULL, locked_by = NULL, lease_token = NULL, updated_at = clock_timestamp()
FROM row
WHERE item.id = row.id
