-- What exclude entries mean in a batch, by its units as they are now: a row for each entry that
-- names units of it, and one without a position for all of them together (each unit once).
WITH {part_named_units.sql}, unit AS (
    SELECT
        chosen.position, named.sequence_number, named.is_buffer, named.status, named.variant_id,
        named.planned_case_number, named.master_code_id
    FROM chosen
    JOIN qr_codes named ON named.id = chosen.id
    WHERE chosen.batch_id = %(batch)s
    UNION ALL
    SELECT
        entry.position, numbered.sequence_number, numbered.is_buffer, numbered.status,
        numbered.variant_id, numbered.planned_case_number, numbered.master_code_id
    FROM entry
    JOIN qr_codes numbered
        ON numbered.batch_id = %(batch)s
        AND numbered.sequence_number BETWEEN entry.first AND entry.last
    WHERE entry.first > 0
), judged AS MATERIALIZED (
    SELECT
        unit.position,
        unit.sequence_number,
        CASE WHEN unit.master_code_id IS NOT NULL THEN unit.sequence_number END AS packed,
        CASE WHEN
            {part_eligible.sql}
        THEN 1 END AS eligible
    FROM unit
), counted AS (
    SELECT
        position, count(*) AS units, count(eligible) AS eligible, count(packed) AS packed,
        min(sequence_number) AS first, max(sequence_number) AS last, min(packed) AS first_packed
    FROM judged
    GROUP BY position
    UNION ALL
    SELECT
        NULL, count(*), count(eligible), count(packed), min(sequence_number), max(sequence_number),
        NULL
    FROM (SELECT DISTINCT sequence_number, packed, eligible FROM judged) once
)
SELECT
    position, units, eligible, packed, first, last,
    (
        SELECT home.case_number
        FROM qr_codes inside
        JOIN qr_master_codes home ON home.id = inside.master_code_id
        WHERE inside.batch_id = %(batch)s AND inside.sequence_number = counted.first_packed
    )
FROM counted
ORDER BY position NULLS LAST
