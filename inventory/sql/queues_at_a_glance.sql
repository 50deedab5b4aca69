-- Every queue that has, or had, items; counts from the ledger.
SELECT organization_id,
    sum(row_delta) FILTER (WHERE status = 'pending')::bigint,
    sum(row_delta) FILTER (WHERE status = 'processing')::bigint,
    sum(row_delta) FILTER (WHERE status = 'completed')::bigint,
    sum(row_delta) FILTER (WHERE status = 'failed')::bigint
FROM queue_count
GROUP BY organization_id
