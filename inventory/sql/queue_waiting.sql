-- What waits: the oldest due row (the due indexes are by priority, so one look at each), rows that
-- are held back, and rows whose worker seems lost.
SELECT (
    SELECT min(first.created_at) FROM generate_series(1, 10) AS level (priority)
    CROSS JOIN LATERAL (
        (SELECT created_at FROM imei_data_queue
        WHERE organization_id = %(organization)s AND status = 'pending' AND run_after IS NULL
            AND NOT isolate AND priority = level.priority
        ORDER BY created_at LIMIT 1)
        UNION ALL
        (SELECT created_at FROM imei_data_queue
        WHERE organization_id = %(organization)s AND status = 'pending' AND run_after IS NULL
            AND isolate AND priority = level.priority
        ORDER BY created_at LIMIT 1)
    ) AS first
), (
    SELECT count(*) FROM imei_data_queue
    WHERE organization_id = %(organization)s AND status = 'pending'
        AND run_after > clock_timestamp()
), (
    SELECT count(*) FROM imei_data_queue
    WHERE organization_id = %(organization)s AND status = 'processing'
        AND locked_at < clock_timestamp() - make_interval(secs => %(lease_seconds)s)
)
