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
    SELECT
        {part_eligible.sql}
        AS is_eligible
) fit
LEFT JOIN qr_reverse_job_excludes own
    ON own.job_id = %(job)s AND own.sequence_number = unit.sequence_number
WHERE unit.batch_id = %(batch)s AND unit.sequence_number BETWEEN %(first)s AND %(last)s
GROUP BY part
ORDER BY part
