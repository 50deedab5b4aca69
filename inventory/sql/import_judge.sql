-- Writes what was read of a slice of an import's rows, and what each would do: an IMEI that an
-- earlier good row of the file has is a duplicate, one that is in stock an update.
-- No join here is of two lists as long as the slice: what is looked up is looked up by an index.
WITH judged AS MATERIALIZED (
    SELECT
        one.*,
        min(line_no) FILTER (WHERE code IS NULL) OVER (PARTITION BY imei) AS first_line
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS one
        (line_no int, imei text, code text, message text, warnings jsonb, phone jsonb)
)
UPDATE queue_import_row AS one
SET data = (one.data - 'phone') || jsonb_build_object('phone', judged.phone),
    imei_norm = judged.imei,
    error_code = judged.code,
    error_message = judged.message,
    warnings = judged.warnings,
    verdict = CASE
        WHEN judged.code IS NOT NULL THEN 'invalid'
        WHEN judged.first_line < judged.line_no THEN 'duplicate'
        WHEN (
            SELECT true
            FROM queue_import_row AS earlier
            WHERE earlier.import_id = %(import)s AND earlier.imei_norm = judged.imei
                AND earlier.line_no < %(first)s AND earlier.verdict <> 'invalid'
            LIMIT 1
        ) THEN 'duplicate'
        WHEN (
            SELECT true FROM item
            WHERE organization_id = %(organization)s AND imei = judged.imei
            LIMIT 1
        ) THEN 'update'
        ELSE 'new'
    END
FROM judged
WHERE one.import_id = %(import)s AND one.line_no = judged.line_no
