-- Entries, and the unit that each of those means which are texts (`chosen`).
--
-- A code text matches in the organization by the first form that gives exactly one row: the stored
-- text, the stored text less its last two characters, the stored text less its 12-character suffix.
-- The last two lie behind the entry in the index; 200 rows are more than any text of ours can have
-- there, and keep a short text from reading the table.
entry AS (
    SELECT * FROM unnest(
        %(positions)s::integer[], %(texts)s::text[], %(firsts)s::integer[], %(lasts)s::integer[]
    ) AS entries (position, text, first, last)
), named AS (
    SELECT entry.position, hit.form, hit.id, hit.batch_id, hit.sequence_number
    FROM entry
    CROSS JOIN LATERAL (
        SELECT form, id, batch_id, sequence_number, count(*) OVER (PARTITION BY form) AS hits
        FROM (
            SELECT 1 AS form, exact.id, exact.batch_id, exact.sequence_number
            FROM qr_codes exact
            WHERE exact.organization_id = %(organization)s AND upper(exact.code) = entry.text
            UNION ALL
            SELECT
                CASE length(behind.code) - length(entry.text) WHEN 2 THEN 2 WHEN 13 THEN 3 END,
                behind.id, behind.batch_id, behind.sequence_number
            FROM (
                SELECT longer.id, longer.code, longer.batch_id, longer.sequence_number
                FROM qr_codes longer
                WHERE longer.organization_id = %(organization)s
                    AND upper(longer.code) > entry.text
                    AND upper(longer.code) < entry.text || chr(1114111)
                ORDER BY upper(longer.code)
                LIMIT 200
            ) behind
            WHERE length(behind.code) - length(entry.text) = 2
                OR (
                    length(behind.code) - length(entry.text) = 13
                    AND substr(behind.code, length(entry.text) + 1, 1) = '-'
                )
        ) forms
    ) hit
    WHERE entry.first = 0 AND hit.hits = 1
), chosen AS (
    SELECT DISTINCT ON (position) position, id, batch_id, sequence_number
    FROM named
    ORDER BY position, form
)
