-- Takes the next units of one variant from the queue and locks them with their rows. What another
-- station holds is passed over, so that two stations get disjoint units without waiting.
-- Rows of cancelled jobs, and of units that have been packed or spoiled since, are not for packing.
SELECT live.id, live.code_id, live.code, live.sequence_number, live.variant_id
FROM qr_prepared_codes live
JOIN qr_codes unit ON unit.id = live.code_id
WHERE live.batch_id = %(batch)s
    AND live.variant_id = %(variant)s
    AND live.status = 'prepared'
    AND live.job_id <> ALL (ARRAY(
        SELECT job.id
        FROM qr_reverse_jobs job
        WHERE job.batch_id = %(batch)s
            AND (job.status = 'cancelled' OR job.cancel_requested_at IS NOT NULL)
    ))
    AND unit.batch_id = %(batch)s
    AND (%(case_number)s::integer IS NULL OR unit.planned_case_number = %(case_number)s::integer)
    AND NOT unit.is_buffer
    AND unit.master_code_id IS NULL
    AND unit.status = ANY (%(free)s)
ORDER BY live.sequence_number, live.code_id
LIMIT %(limit)s
FOR NO KEY UPDATE OF live, unit SKIP LOCKED
