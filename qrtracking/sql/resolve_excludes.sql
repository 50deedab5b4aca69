-- Resolves a slice of a job's exclude entries to units of its batch, keeps them, and takes their
-- live rows of earlier jobs out of the queue. One row: units added, rows taken out, and the
-- positions of the entries that name no unit of the batch.
--
-- A code text matches in the organization by the first form that gives exactly one row: the stored
-- text, the stored text less its last two characters, the stored text less its 12-character suffix.
-- The last two lie behind the entry in the index; 200 rows are more than any text of ours can have
-- there, and keep a short text from reading the table.
WITH entry AS (
    SELECT * FROM unnest(
        %(positions)s::integer[], %(texts)s::text[], %(firsts)s::integer[], %(lasts)s::integer[]
    ) AS entries (position, text, first, last)
), named AS (
    SELECT entry.position, hit.form, hit.batch_id, hit.sequence_number
    FROM entry
    CROSS JOIN LATERAL (
        SELECT form, batch_id, sequence_number, count(*) OVER (PARTITION BY form) AS hits
        FROM (
            SELECT 1 AS form, exact.batch_id, exact.sequence_number
            FROM qr_codes exact
            WHERE exact.organization_id = %(organization)s AND upper(exact.code) = entry.text
            UNION ALL
            SELECT
                CASE length(behind.code) - length(entry.text) WHEN 2 THEN 2 WHEN 13 THEN 3 END,
                behind.batch_id, behind.sequence_number
            FROM (
                SELECT longer.code, longer.batch_id, longer.sequence_number
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
    SELECT DISTINCT ON (position) position, batch_id, sequence_number
    FROM named
    ORDER BY position, form
), unit AS MATERIALIZED (
    SELECT position, sequence_number FROM chosen WHERE batch_id = %(batch)s
    UNION ALL
    SELECT entry.position, numbered.sequence_number
    FROM entry
    JOIN qr_codes numbered
        ON numbered.batch_id = %(batch)s
        AND numbered.sequence_number BETWEEN entry.first AND entry.last
    WHERE entry.first > 0
), added AS (
    INSERT INTO qr_reverse_job_excludes (job_id, organization_id, sequence_number)
    SELECT DISTINCT %(job)s::uuid, %(organization)s::uuid, sequence_number FROM unit
    ON CONFLICT DO NOTHING
    RETURNING sequence_number
), taken_out AS (
    UPDATE qr_prepared_codes live
    SET status = 'invalid', invalid_reason = 'excluded', updated_at = statement_timestamp()
    FROM added
    JOIN qr_codes excluded
        ON excluded.batch_id = %(batch)s AND excluded.sequence_number = added.sequence_number
    WHERE live.code_id = excluded.id AND live.status = 'prepared'
    RETURNING 1
)
SELECT
    (SELECT count(*) FROM added),
    (SELECT count(*) FROM taken_out),
    (
        SELECT coalesce(array_agg(entry.position ORDER BY entry.position), '{}')
        FROM entry
        WHERE NOT EXISTS (SELECT FROM unit WHERE unit.position = entry.position)
    )
