found AS (
    SELECT organization_id, status, count(*) AS rows,
        coalesce(sum(extract(epoch FROM processed_at - created_at))
            FILTER (WHERE status = 'completed'), 0)::float8 AS seconds
    FROM imei_data_queue
    WHERE %(organization)s::uuid IS NULL OR organization_id = %(organization)s::uuid
    GROUP BY organization_id, status
), ledger AS (
    SELECT organization_id, status, sum(row_delta) AS rows, sum(second_delta) AS seconds
    FROM queue_count
    WHERE %(organization)s::uuid IS NULL OR organization_id = %(organization)s::uuid
    GROUP BY organization_id, status
), state AS (
    SELECT organization_id, status,
        coalesce(ledger.rows, 0)::bigint AS stored, coalesce(found.rows, 0) AS rows,
        coalesce(ledger.seconds, 0) AS stored_seconds, coalesce(found.seconds, 0) AS seconds
    FROM ledger FULL JOIN found USING (organization_id, status)
), wrong AS (
    -- Sums of fractions, added in another sequence each time: they differ behind the point.
    SELECT *, stored <> rows AS has_wrong_rows,
        abs(stored_seconds - seconds) > 1 + seconds * 1e-9 AS has_wrong_seconds
    FROM state
)
