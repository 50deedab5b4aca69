-- Writes what was read of a slice of an import's rows, and what each would do: an IMEI that an
-- earlier good row of the file has is a duplicate, one that is in stock an update.
WITH judged AS (
    SELECT *
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS one
        (line_no int, imei text, code text, message text, warnings jsonb, phone jsonb)
),
good AS (
    SELECT imei, min(line_no) AS first_line FROM judged WHERE code IS NULL GROUP BY imei
),
-- Row by row, whatever the planner thinks of a table that was filled a moment ago.
known AS (
    SELECT good.imei, good.first_line, earlier.line_no AS earlier_line, stock.id AS item_id
    FROM good
    LEFT JOIN LATERAL (
        SELECT line_no
        FROM queue_import_row
        WHERE import_id = %(import)s AND imei_norm = good.imei AND line_no < %(first)s
            AND verdict <> 'invalid'
        ORDER BY line_no
        LIMIT 1
    ) AS earlier ON true
    LEFT JOIN LATERAL (
        SELECT id FROM item
        WHERE organization_id = %(organization)s AND imei = good.imei
        LIMIT 1
    ) AS stock ON true
)
UPDATE queue_import_row AS one
SET data = (one.data - 'phone') || jsonb_build_object('phone', judged.phone),
    imei_norm = judged.imei,
    error_code = judged.code,
    error_message = judged.message,
    warnings = judged.warnings,
    verdict = CASE
        WHEN judged.code IS NOT NULL THEN 'invalid'
        WHEN known.earlier_line IS NOT NULL OR known.first_line < judged.line_no THEN 'duplicate'
        WHEN known.item_id IS NOT NULL THEN 'update'
        ELSE 'new'
    END
FROM judged LEFT JOIN known ON known.imei = judged.imei
WHERE one.import_id = %(import)s AND one.line_no = judged.line_no
    AND one.line_no BETWEEN %(first)s AND %(last)s
