-- Rows by status, from the ledger: counting a million rows takes a second.
SELECT status, sum(row_delta)::bigint, sum(second_delta)
FROM queue_count
WHERE organization_id = %(organization)s
GROUP BY status
