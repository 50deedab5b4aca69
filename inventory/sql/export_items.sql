-- The next items of the queue, by id.
SELECT id, imei_norm, status, priority, retry_count, max_retries, source, batch_id, error_code,
    error_message, created_at, processed_at, raw_data::text
FROM imei_data_queue
WHERE organization_id = %(organization)s AND id > %(after)s
    AND (%(status)s::text IS NULL OR status = %(status)s::text)
    AND (%(batch)s::text IS NULL OR batch_id = %(batch)s::text)
    AND (%(code)s::text IS NULL OR error_code = %(code)s::text)
ORDER BY id
LIMIT %(limit)s
