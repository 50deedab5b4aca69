-- Finds the units that entries name: texts in the whole organization, numbers and ranges in a batch.
-- A row for each entry and unit, at most `limit` of them.
WITH {part_named_units.sql}, named_unit AS (
    SELECT position, id FROM chosen
    UNION ALL
    SELECT entry.position, numbered.id
    FROM entry
    JOIN qr_codes numbered
        ON numbered.batch_id = %(batch)s::uuid
        AND numbered.sequence_number BETWEEN entry.first AND entry.last
    WHERE entry.first > 0
)
SELECT named_unit.position, unit.id, unit.code, unit.batch_id, unit.master_code_id
FROM named_unit
JOIN qr_codes unit ON unit.id = named_unit.id
ORDER BY named_unit.position, unit.sequence_number
LIMIT %(limit)s
