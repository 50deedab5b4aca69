-- Slices of past days become one row an hour for each source.
WITH gone AS (
    DELETE FROM queue_slice
    WHERE id IN (
        SELECT id FROM queue_slice
        WHERE finished_at < date_trunc('hour', clock_timestamp() - make_interval(days => %(days)s))
            AND finished_at <> date_trunc('hour', finished_at)
        ORDER BY finished_at
        LIMIT %(limit)s
        FOR UPDATE SKIP LOCKED)
    RETURNING *
), folded AS (
    INSERT INTO queue_slice (organization_id, finished_at, source, claimed, completed, failed,
        retried, wait_ms_sum, wait_ms_max, run_ms)
    SELECT organization_id, date_trunc('hour', finished_at), source, sum(claimed), sum(completed),
        sum(failed), sum(retried), sum(wait_ms_sum), max(wait_ms_max), sum(run_ms)
    FROM gone
    GROUP BY organization_id, date_trunc('hour', finished_at), source
)
SELECT count(*) FROM gone
