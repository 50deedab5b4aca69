-- Locks the case that the text of a label means, against everybody else who packs into it.
--
-- A text matches in the organization by the first form that gives exactly one row: the stored text,
-- the stored text less its last two characters, the stored text less its 12-character suffix. The
-- last two lie behind the text in the index; 200 rows are more than any text of ours can have there,
-- and keep a short text from reading the table.
WITH hit AS (
    SELECT exact.id, 1 AS form
    FROM qr_master_codes exact
    WHERE exact.organization_id = %(organization)s AND upper(exact.master_code) = %(text)s
    UNION ALL
    SELECT behind.id, CASE behind.surplus WHEN 2 THEN 2 ELSE 3 END
    FROM (
        SELECT
            longer.id,
            length(longer.master_code) - length(%(text)s) AS surplus,
            substr(longer.master_code, length(%(text)s) + 1, 1) AS next_character
        FROM qr_master_codes longer
        WHERE longer.organization_id = %(organization)s
            AND upper(longer.master_code) > %(text)s
            AND upper(longer.master_code) < %(text)s || chr(1114111)
        ORDER BY upper(longer.master_code)
        LIMIT 200
    ) behind
    WHERE behind.surplus = 2 OR (behind.surplus = 13 AND behind.next_character = '-')
), named AS (
    SELECT (array_agg(id))[1] AS id
    FROM hit
    GROUP BY form
    HAVING count(*) = 1
    ORDER BY form
    LIMIT 1
)
SELECT master.*
FROM qr_master_codes master
WHERE master.id = (SELECT id FROM named)
FOR NO KEY UPDATE
