-- Counts a stretch of a batch for a job: a row for each prepare slice in it, with the eligible
-- units, how many of these the job excludes, and its excluded units that are in a case or not needed.
SELECT
    (unit.sequence_number - 1) / %(step)s AS part,
    count(*) FILTER (WHERE fit.is_eligible),
    count(*) FILTER (WHERE fit.is_eligible AND own.sequence_number IS NOT NULL),
    count(*) FILTER (WHERE own.sequence_number IS NOT NULL AND unit.master_code_id IS NOT NULL),
    count(*) FILTER (
        WHERE own.sequence_number IS NOT NULL
            AND unit.master_code_id IS NULL AND NOT fit.is_eligible
    )
FROM qr_codes unit
CROSS JOIN LATERAL (
    SELECT NOT unit.is_buffer
        AND unit.status = ANY (%(free)s)
        AND (%(variant)s::uuid IS NULL OR unit.variant_id = %(variant)s::uuid)
        AND (
            %(cases)s::integer[] IS NULL OR unit.planned_case_number = ANY (%(cases)s::integer[])
        ) IS TRUE AS is_eligible
) fit
LEFT JOIN qr_reverse_job_excludes own
    ON own.job_id = %(job)s AND own.sequence_number = unit.sequence_number
WHERE unit.batch_id = %(batch)s AND unit.sequence_number BETWEEN %(first)s AND %(last)s
GROUP BY part
ORDER BY part
