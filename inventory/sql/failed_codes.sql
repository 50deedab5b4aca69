-- Failed items by error code. Codes are stepped through along iq_failed_idx, and of each at most
-- so many rows are read: what is shown as "10,000+" costs no more than that.
WITH RECURSIVE step AS (
    (SELECT error_code FROM imei_data_queue
    WHERE organization_id = %(organization)s AND status = 'failed' AND error_code IS NOT NULL
    ORDER BY error_code LIMIT 1)
    UNION ALL
    SELECT (
        SELECT error_code FROM imei_data_queue
        WHERE organization_id = %(organization)s AND status = 'failed'
            AND error_code > step.error_code
        ORDER BY error_code LIMIT 1)
    FROM step WHERE step.error_code IS NOT NULL
), code AS (
    SELECT error_code FROM step WHERE error_code IS NOT NULL
    -- Rows put in by SQL may have none.
    UNION ALL SELECT NULL
    LIMIT %(codes)s
)
SELECT code.error_code, seen.count, seen.last_at, example.id, example.imei_norm,
    example.error_message
FROM code
CROSS JOIN LATERAL (
    SELECT count(*), max(processed_at) AS last_at,
        (array_agg(id ORDER BY processed_at DESC NULLS LAST, id DESC))[1] AS last_id
    FROM (
        (SELECT id, processed_at FROM imei_data_queue
        WHERE organization_id = %(organization)s AND status = 'failed'
            AND error_code = code.error_code LIMIT %(limit)s)
        UNION ALL
        (SELECT id, processed_at FROM imei_data_queue
        WHERE organization_id = %(organization)s AND status = 'failed'
            AND error_code IS NULL AND code.error_code IS NULL LIMIT %(limit)s)
    ) AS few
) AS seen
JOIN imei_data_queue AS example ON example.id = seen.last_id
ORDER BY seen.count DESC, code.error_code
