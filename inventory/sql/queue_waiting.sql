-- What waits: the oldest due row (the due indexes are by priority, so one look at each), rows that
-- are held back, and rows whose worker seems lost; of each organization that is asked for.
SELECT asked.id, oldest.created_at,
    coalesce(extract(epoch FROM clock_timestamp() - oldest.created_at), 0)::float8, (
    SELECT count(*) FROM imei_data_queue
    WHERE organization_id = asked.id AND status = 'pending'
        AND run_after > clock_timestamp()
), (
    SELECT count(*) FROM imei_data_queue
    WHERE organization_id = asked.id AND status = 'processing'
        AND locked_at < clock_timestamp() - make_interval(secs => %(lease_seconds)s)
)
FROM unnest(%(organizations)s::uuid[]) AS asked (id)
CROSS JOIN LATERAL (
    SELECT min(first.created_at) AS created_at FROM generate_series(1, 10) AS level (priority)
    CROSS JOIN LATERAL (
        (SELECT created_at FROM imei_data_queue
        WHERE organization_id = asked.id AND status = 'pending' AND run_after IS NULL
            AND NOT isolate AND priority = level.priority
        ORDER BY created_at LIMIT 1)
        UNION ALL
        (SELECT created_at FROM imei_data_queue
        WHERE organization_id = asked.id AND status = 'pending' AND run_after IS NULL
            AND isolate AND priority = level.priority
        ORDER BY created_at LIMIT 1)
    ) AS first
) AS oldest
