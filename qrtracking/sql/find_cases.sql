-- Finds the cases that texts mean in one organization: shipping labels by their number, the others
-- by the first form that gives exactly one case (see link_lock_case). One row for each known text.
WITH entry AS (
    SELECT * FROM unnest(
        %(positions)s::integer[], %(texts)s::text[], %(ssccs)s::text[]
    ) AS entries (position, text, sscc)
), hit AS (
    SELECT entry.position, 1 AS form, shipped.id
    FROM entry
    JOIN qr_master_codes shipped
        ON shipped.organization_id = %(organization)s AND shipped.sscc = entry.sscc
    UNION ALL
    SELECT
        entry.position,
        CASE length(label.code) - length(entry.text)
            WHEN 0 THEN 1
            WHEN 2 THEN 2
            WHEN 13 THEN CASE substr(label.code, length(entry.text) + 1, 1) WHEN '-' THEN 3 END
        END,
        label.id
    FROM entry
    CROSS JOIN LATERAL (
        SELECT master.id, upper(master.master_code) AS code
        FROM qr_master_codes master
        WHERE master.organization_id = %(organization)s
            AND upper(master.master_code) >= entry.text
            AND upper(master.master_code) < entry.text || chr(1114111)
        ORDER BY upper(master.master_code)
        LIMIT 200
    ) label
), named AS (
    SELECT position, form, (array_agg(id))[1] AS id
    FROM hit
    WHERE form IS NOT NULL
    GROUP BY position, form
    HAVING count(*) = 1
)
SELECT DISTINCT ON (position) position, id FROM named ORDER BY position, form
