-- Organizations with items that wait or are being handled.
SELECT organization_id FROM queue_count
WHERE status IN ('pending', 'processing')
GROUP BY organization_id
HAVING sum(row_delta) > 0
ORDER BY organization_id
