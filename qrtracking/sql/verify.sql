-- The invariants of packing, as rows of what breaks them: what, which, stored, found. At most 100
-- for each kind; %(batch)s null looks at every batch. Units are looked up row by row behind OFFSET 0:
-- before the first statistics a join would compare every row with every unit.
(
    SELECT 'case_count' AS kind, m.master_code::text AS subject,
        m.actual_unit_count::bigint AS stored, count(u.id) AS found
    FROM qr_master_codes m
    LEFT JOIN qr_codes u ON u.master_code_id = m.id
    WHERE %(batch)s::uuid IS NULL OR m.batch_id = %(batch)s::uuid
    GROUP BY m.id
    HAVING m.actual_unit_count <> count(u.id)
    ORDER BY 2
    LIMIT 100
)
UNION ALL
(
    -- A case is packed when it is full, and not before: its units against what it is to hold.
    SELECT 'case_status', m.master_code::text, m.actual_unit_count, m.expected_unit_count
    FROM qr_master_codes m
    WHERE (m.status = 'packed' AND m.actual_unit_count < m.expected_unit_count
            OR m.status IN ('generated', 'printed')
                AND m.actual_unit_count >= m.expected_unit_count)
        AND (%(batch)s::uuid IS NULL OR m.batch_id = %(batch)s::uuid)
    ORDER BY 2
    LIMIT 100
)
UNION ALL
(
    -- A row is consumed by the case that its unit lies in, unless the unit was taken out again.
    SELECT 'consumed_elsewhere', p.code::text, 1, 0
    FROM qr_prepared_codes p
    CROSS JOIN LATERAL (SELECT * FROM qr_codes WHERE id = p.code_id OFFSET 0) u
    WHERE p.status = 'consumed'
        AND u.master_code_id IS DISTINCT FROM p.master_code_id
        AND u.status = ANY (%(free)s)
        AND (%(batch)s::uuid IS NULL OR p.batch_id = %(batch)s::uuid)
    ORDER BY 2
    LIMIT 100
)
UNION ALL
(
    SELECT 'live_row_of_packed_unit', p.code::text, 1, 0
    FROM qr_prepared_codes p
    CROSS JOIN LATERAL (SELECT * FROM qr_codes WHERE id = p.code_id OFFSET 0) u
    WHERE p.status = 'prepared' AND u.master_code_id IS NOT NULL
        AND (%(batch)s::uuid IS NULL OR p.batch_id = %(batch)s::uuid)
    ORDER BY 2
    LIMIT 100
)
UNION ALL
(
    SELECT 'live_row_of_spoiled_unit', p.code::text, 1, 0
    FROM qr_prepared_codes p
    CROSS JOIN LATERAL (SELECT * FROM qr_codes WHERE id = p.code_id OFFSET 0) u
    WHERE p.status = 'prepared' AND u.status = 'spoiled'
        AND (%(batch)s::uuid IS NULL OR p.batch_id = %(batch)s::uuid)
    ORDER BY 2
    LIMIT 100
)
UNION ALL
(
    SELECT 'job_prepared_count', j.id::text, j.prepared_count, count(p.id)
    FROM qr_reverse_jobs j
    LEFT JOIN qr_prepared_codes p ON p.job_id = j.id
    WHERE %(batch)s::uuid IS NULL OR j.batch_id = %(batch)s::uuid
    GROUP BY j.id
    HAVING j.prepared_count <> count(p.id)
    ORDER BY 2
    LIMIT 100
)
UNION ALL
(
    SELECT 'job_totals', j.id::text, j.total_available_in_batch,
        j.prepared_count + j.duplicate_count + j.invalid_count + j.excluded_matched_count
    FROM qr_reverse_jobs j
    WHERE j.status = 'completed'
        AND j.total_available_in_batch <>
            j.prepared_count + j.duplicate_count + j.invalid_count + j.excluded_matched_count
        AND (%(batch)s::uuid IS NULL OR j.batch_id = %(batch)s::uuid)
    ORDER BY 2
    LIMIT 100
)
UNION ALL
(
    SELECT 'batch_units', b.id::text, b.total_unique_codes, count(u.id)
    FROM qr_batches b
    LEFT JOIN qr_codes u ON u.batch_id = b.id
    WHERE b.status IN ('generated', 'printing', 'in_production', 'completed')
        AND (%(batch)s::uuid IS NULL OR b.id = %(batch)s::uuid)
    GROUP BY b.id
    HAVING b.total_unique_codes <> count(u.id)
    ORDER BY 2
    LIMIT 100
)
UNION ALL
(
    SELECT 'batch_cases', b.id::text, b.total_master_codes, count(m.id)
    FROM qr_batches b
    LEFT JOIN qr_master_codes m ON m.batch_id = b.id
    WHERE b.status IN ('generated', 'printing', 'in_production', 'completed')
        AND (%(batch)s::uuid IS NULL OR b.id = %(batch)s::uuid)
    GROUP BY b.id
    HAVING b.total_master_codes <> count(m.id)
    ORDER BY 2
    LIMIT 100
)
