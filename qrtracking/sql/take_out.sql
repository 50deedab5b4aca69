-- Takes locked units out of their cases: each gets back the status that it had before, spares are
-- free again. What the cases consumed for them is prepared again, unless the row's job is cancelled,
-- a later job excludes the unit, or the unit waits in the queue already.
WITH {part_live_rows.sql}, freed AS (
    UPDATE qr_codes
    SET master_code_id = NULL,
        status = CASE
            WHEN is_buffer THEN 'buffer_available'
            WHEN previous_status = ANY (%(free)s) THEN previous_status
            ELSE 'generated'
        END,
        previous_status = NULL,
        replaces_sequence_no = NULL,
        packed_event_id = NULL,
        updated_at = statement_timestamp()
    WHERE id = ANY (%(units)s::uuid[])
), fate AS MATERIALIZED (
    SELECT
        consumed.id,
        CASE
            WHEN job.status = 'cancelled' OR job.cancel_requested_at IS NOT NULL
                THEN 'job_cancelled'
            WHEN EXISTS (
                SELECT
                FROM qr_reverse_jobs later
                JOIN qr_reverse_job_excludes excluded ON excluded.job_id = later.id
                WHERE later.batch_id = job.batch_id
                    AND (later.created_at, later.id) > (job.created_at, job.id)
                    AND later.status <> 'cancelled'
                    AND later.cancel_requested_at IS NULL
                    AND excluded.sequence_number = consumed.sequence_number
            ) THEN 'excluded'
            WHEN EXISTS (SELECT FROM live WHERE live.code_id = consumed.code_id)
                THEN 'not_available'
        END AS reason
    FROM qr_prepared_codes consumed
    JOIN qr_reverse_jobs job ON job.id = consumed.job_id
    WHERE consumed.code_id = ANY (%(units)s::uuid[])
        AND consumed.master_code_id = ANY (%(cases)s::uuid[])
        AND consumed.status = 'consumed'
)
UPDATE qr_prepared_codes queued
SET status = CASE WHEN fate.reason IS NULL THEN 'prepared' ELSE 'invalid' END,
    invalid_reason = fate.reason,
    master_code_id = NULL,
    consumed_at = NULL,
    updated_at = statement_timestamp()
FROM fate
WHERE queued.id = fate.id
