-- What slices did since a time, in one pass: all together, by part of the period, and by source.
-- Slices of past days are folded to hours, which begin at full hours; only single ones tell how long
-- a slice takes.
SELECT CASE WHEN grouping(source) = 0 THEN 'source' WHEN grouping(part) = 0 THEN 'part'
        ELSE 'all' END,
    part, source, sum(claimed)::bigint, sum(completed)::bigint, sum(failed)::bigint,
    sum(retried)::bigint, sum(wait_ms_sum)::bigint, max(wait_ms_max), sum(run_ms)::bigint,
    avg(run_ms) FILTER (WHERE finished_at <> date_trunc('hour', finished_at))
FROM (
    SELECT *, date_bin(make_interval(mins => %(minutes)s), finished_at, %(since)s) AS part
    FROM queue_slice
    WHERE organization_id = %(organization)s
        AND finished_at >= %(since)s AND finished_at < %(until)s
) AS slice
GROUP BY GROUPING SETS ((), (part), (source))
