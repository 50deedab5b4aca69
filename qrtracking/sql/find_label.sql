-- Finds the unit or the case that a scanned text means, in one organization.
--
-- A text matches by the first form that gives exactly one label: the stored text, the stored text
-- less its last two characters, the stored text less its 12-character suffix. The last two lie
-- behind the text in the index; 200 rows are more than any text of ours can have there, and keep a
-- short text from reading the tables.
WITH label AS (
    (
        SELECT 'unit' AS kind, upper(code) AS code, batch_id, sequence_number AS number
        FROM qr_codes
        WHERE organization_id = %(organization)s
            AND upper(code) >= %(text)s AND upper(code) < %(text)s || chr(1114111)
        ORDER BY upper(code)
        LIMIT 200
    )
    UNION ALL
    (
        SELECT 'case', upper(master_code), batch_id, case_number
        FROM qr_master_codes
        WHERE organization_id = %(organization)s
            AND upper(master_code) >= %(text)s AND upper(master_code) < %(text)s || chr(1114111)
        ORDER BY upper(master_code)
        LIMIT 200
    )
), hit AS (
    SELECT kind, batch_id, number, CASE length(code) - length(%(text)s)
        WHEN 0 THEN 1
        WHEN 2 THEN 2
        WHEN 13 THEN CASE substr(code, length(%(text)s) + 1, 1) WHEN '-' THEN 3 END
    END AS form
    FROM label
)
SELECT (array_agg(kind))[1], (array_agg(batch_id))[1], (array_agg(number))[1]
FROM hit
WHERE form IS NOT NULL
GROUP BY form
HAVING count(*) = 1
ORDER BY form
LIMIT 1
