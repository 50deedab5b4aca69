-- Failed items by code: from one code to the next along iq_failed_idx, each counted to a limit, so
-- that a million failed rows cost no more than some thousand.
WITH RECURSIVE codes (code) AS (
    (SELECT error_code FROM imei_data_queue
    WHERE organization_id = %(organization)s AND status = 'failed' AND error_code IS NOT NULL
    ORDER BY error_code LIMIT 1)
    UNION ALL
    SELECT (SELECT error_code FROM imei_data_queue
        WHERE organization_id = %(organization)s AND status = 'failed'
            AND error_code > codes.code
        ORDER BY error_code LIMIT 1)
    FROM codes WHERE codes.code IS NOT NULL
), each AS (
    SELECT code, sample.count, sample.example, sample.last_at
    FROM codes CROSS JOIN LATERAL (
        SELECT count(*) AS count, max(id) AS example, max(processed_at) AS last_at FROM (
            SELECT id, processed_at FROM imei_data_queue
            WHERE organization_id = %(organization)s AND status = 'failed' AND error_code = codes.code
            LIMIT %(limit)s
        ) AS part
    ) AS sample
    WHERE codes.code IS NOT NULL
    UNION ALL
    SELECT NULL, count(*), max(id), max(processed_at) FROM (
        SELECT id, processed_at FROM imei_data_queue
        WHERE organization_id = %(organization)s AND status = 'failed' AND error_code IS NULL
        -- Else the planner hopes to meet them soon, and reads the table.
        ORDER BY error_code
        LIMIT %(limit)s
    ) AS part
)
SELECT coalesce(code, ''), count, example, last_at FROM each WHERE count > 0
ORDER BY count DESC, code
