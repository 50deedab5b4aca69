-- Resolves a slice of a job's exclude entries to units of its batch, keeps them, and takes their
-- live rows of earlier jobs out of the queue. One row: units added, rows taken out, and the
-- positions of the entries that name no unit of the batch.
WITH {part_named_units.sql}, unit AS MATERIALIZED (
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
