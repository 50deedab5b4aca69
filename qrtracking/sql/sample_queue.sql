-- Rows of the queue by what has become of them, inside given ranges of sequence numbers: all of a
-- small job, spread samples of a big one. Each range is one walk along qr_prepared_codes_job;
-- OFFSET 0 keeps the planner from turning the walks into one reading of the whole table.
SELECT part.job_id, found.status, found.invalid_reason, count(*)
FROM unnest(%(jobs)s::uuid[], %(firsts)s::int[], %(lasts)s::int[]) AS part (job_id, first, last)
CROSS JOIN LATERAL (
    SELECT status, invalid_reason
    FROM qr_prepared_codes
    WHERE job_id = part.job_id AND sequence_number BETWEEN part.first AND part.last
    OFFSET 0
) AS found
GROUP BY part.job_id, found.status, found.invalid_reason
ORDER BY part.job_id, found.status, found.invalid_reason
