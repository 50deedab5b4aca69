-- Failed items of a batch by code, among the first of them in the order of the queue.
SELECT coalesce(error_code, ''), count(*), max(id), max(processed_at) FROM (
    SELECT id, error_code, processed_at FROM imei_data_queue
    WHERE organization_id = %(organization)s AND batch_id = %(batch)s AND status = 'failed'
    ORDER BY priority, created_at, id
    LIMIT %(limit)s
) AS part
GROUP BY error_code
ORDER BY count(*) DESC, error_code
