-- What ended lately in one job table: per hour back from now and state, and over all of it.
-- The innermost is a bounded subquery (ended_at, began_at, word) that reads the index on completed_at.
-- The times are those of jobs that were done; a failed one may have ended for want of trying.
SELECT
    %s AS label,
    hours_ago,
    word,
    count(*) AS jobs,
    avg(seconds) FILTER (WHERE word = %s) AS average,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE word = %s) AS p95
FROM (
    SELECT
        floor(extract(epoch FROM statement_timestamp() - ended_at) / 3600)::integer AS hours_ago,
        word,
        extract(epoch FROM ended_at - began_at)::double precision AS seconds
    FROM ({}) AS ended
) AS timed
GROUP BY GROUPING SETS ((hours_ago, word), ())
