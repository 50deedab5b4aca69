-- What the last slices have ended, and since when: from the start of the first of them, so that a
-- queue that has just begun does not look slow.
SELECT coalesce(sum(completed + failed), 0)::bigint,
    extract(epoch FROM clock_timestamp()
        - min(finished_at - make_interval(secs => run_ms / 1000.0)))::float8
FROM queue_slice
WHERE organization_id = %(organization)s
    AND finished_at >= clock_timestamp() - make_interval(secs => %(seconds)s)
