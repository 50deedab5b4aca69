-- Finds the units that entries name: texts in the whole organization, numbers and ranges in a batch.
-- A row for each entry and unit, at most `limit` of them (any, when there are more).
-- OFFSET 0 keeps the planner, which does not know how few there are, from reading all units.
WITH {part_named_units.sql}, named_unit AS (
    SELECT position, id FROM chosen
    UNION ALL
    SELECT entry.position, numbered.id
    FROM entry
    JOIN qr_codes numbered
        ON numbered.batch_id = %(batch)s::uuid
        AND numbered.sequence_number BETWEEN entry.first AND entry.last
    WHERE entry.first > 0
    LIMIT %(limit)s
)
SELECT named_unit.position, unit.id, unit.code, unit.batch_id, unit.master_code_id
FROM named_unit
CROSS JOIN LATERAL (
    SELECT id, code, batch_id, master_code_id, sequence_number
    FROM qr_codes
    WHERE id = named_unit.id
    OFFSET 0
) unit
ORDER BY named_unit.position, unit.sequence_number
