-- Deletes refused scans among the next ones in the order of their keys, which is that of time:
-- the key of the last one that was looked at (null: none), whether it is of long ago, how many went.
WITH chunk AS MATERIALIZED (
    SELECT id, outcome, created_at < statement_timestamp() - %(days)s * interval '1 day' AS is_old
    FROM qr_scan_items
    WHERE %(after)s::uuid IS NULL OR id > %(after)s::uuid
    ORDER BY id
    LIMIT %(limit)s
), gone AS (
    DELETE FROM qr_scan_items item
    USING chunk
    WHERE item.id = chunk.id AND chunk.is_old AND chunk.outcome = 'refused'
    RETURNING 1
)
SELECT last.id, last.is_old, (SELECT count(*) FROM gone)
FROM (SELECT 1) AS always
LEFT JOIN LATERAL (SELECT id, is_old FROM chunk ORDER BY id DESC LIMIT 1) last ON true
