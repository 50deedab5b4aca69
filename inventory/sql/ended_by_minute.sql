-- Ended items of the last minutes; minute 0 is the one that ends now.
SELECT floor(extract(epoch FROM clock_timestamp() - finished_at) / 60)::int AS ago,
    sum(completed)::bigint, sum(failed)::bigint
FROM queue_slice
WHERE organization_id = %(organization)s
    AND finished_at > clock_timestamp() - make_interval(mins => %(minutes)s)
GROUP BY ago
ORDER BY ago
