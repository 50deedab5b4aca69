-- The ledger, folded to one row for each sum that has several. Rows of running transactions are
-- not seen and stay.
WITH chosen AS (
    SELECT id, organization_id, status, row_delta, second_delta FROM queue_count
    WHERE (organization_id, status) IN (
        SELECT organization_id, status FROM queue_count
        GROUP BY organization_id, status HAVING count(*) > 1)
    ORDER BY id
    FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM queue_count AS entry USING chosen WHERE entry.id = chosen.id
    RETURNING entry.organization_id, entry.status, entry.row_delta, entry.second_delta
)
INSERT INTO queue_count (organization_id, status, row_delta, second_delta)
SELECT organization_id, status, sum(row_delta), sum(second_delta)
FROM gone GROUP BY organization_id, status
