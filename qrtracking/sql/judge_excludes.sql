-- What exclude entries mean in a batch, by its units as they are now: a row for each entry that
-- names units of it, and one without a position for all of them together (each unit once).
WITH {part_named_units.sql}, named_unit AS (
    SELECT position, id FROM chosen WHERE batch_id = %(batch)s
    UNION ALL
    SELECT entry.position, numbered.id
    FROM entry
    JOIN qr_codes numbered
        ON numbered.batch_id = %(batch)s
        AND numbered.sequence_number BETWEEN entry.first AND entry.last
    WHERE entry.first > 0
), judged AS (
    SELECT
        named_unit.position,
        unit.sequence_number,
        home.case_number,
        unit.master_code_id IS NOT NULL AS is_packed,
        {part_eligible.sql}
        AS is_eligible
    FROM named_unit
    JOIN qr_codes unit ON unit.id = named_unit.id
    LEFT JOIN qr_master_codes home ON home.id = unit.master_code_id
)
SELECT
    position,
    count(DISTINCT sequence_number),
    count(DISTINCT sequence_number) FILTER (WHERE is_eligible),
    count(DISTINCT sequence_number) FILTER (WHERE is_packed),
    min(sequence_number),
    max(sequence_number),
    min(case_number)
FROM judged
GROUP BY GROUPING SETS ((position), ())
ORDER BY position NULLS LAST
