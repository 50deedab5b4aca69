-- Takes live rows of cancelled jobs out of the queue, at most so many of one stretch of the batch.
-- An array, so that the planner looks these rows up and never reads the whole queue for them.
UPDATE qr_prepared_codes
SET status = 'invalid', invalid_reason = 'job_cancelled', updated_at = statement_timestamp()
WHERE id = ANY (ARRAY(
    SELECT id
    FROM qr_prepared_codes
    WHERE job_id = ANY (%(jobs)s)
        AND status = 'prepared'
        AND sequence_number BETWEEN %(first)s AND %(last)s
    ORDER BY job_id, sequence_number
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
))
