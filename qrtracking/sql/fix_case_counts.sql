-- Sets the counter of each case to the number of units that lie in it. A case that is packed on paper
-- only goes back to where its label was; one that holds all its units becomes packed.
UPDATE qr_master_codes m
SET actual_unit_count = counted.units,
    status = CASE
        WHEN m.status IN ('generated', 'printed') AND counted.units >= m.expected_unit_count
            THEN 'packed'
        WHEN m.status = 'packed' AND counted.units < m.expected_unit_count THEN 'generated'
        ELSE m.status
    END,
    updated_at = statement_timestamp()
FROM (
    SELECT c.id, count(u.id) AS units
    FROM qr_master_codes c
    LEFT JOIN qr_codes u ON u.master_code_id = c.id
    WHERE %(batch)s::uuid IS NULL OR c.batch_id = %(batch)s::uuid
    GROUP BY c.id
) counted
WHERE counted.id = m.id
    AND (
        counted.units <> m.actual_unit_count
        OR m.status = 'packed' AND counted.units < m.expected_unit_count
        OR m.status IN ('generated', 'printed') AND counted.units >= m.expected_unit_count
    )
