-- Takes the next rows of one variant from the queue and locks them with their units; tells which
-- units are still free. What another station holds is passed over, so that two stations get disjoint
-- units without waiting. Rows of cancelled jobs are not for packing.
-- The first try looks at no unit (`only_free` is false): whatever the statistics say, the limit and
-- the index's order make the plan. NOT IN, because the planner takes an array that it does not know
-- for ten values, and with few jobs expects no row at all.
SELECT
    live.id, live.code_id, live.code, live.sequence_number, live.variant_id, fit.is_free
FROM qr_prepared_codes live
JOIN qr_codes unit ON unit.id = live.code_id
CROSS JOIN LATERAL (
    SELECT NOT unit.is_buffer
        AND unit.master_code_id IS NULL
        AND unit.status = ANY (%(free)s) AS is_free
) fit
WHERE live.batch_id = %(batch)s
    AND live.variant_id = %(variant)s
    AND live.status = 'prepared'
    AND live.job_id NOT IN ({part_cancelled_jobs.sql})
    AND (
        %(case_number)s::integer IS NULL
        OR (unit.batch_id = %(batch)s AND unit.planned_case_number = %(case_number)s::integer)
    )
    AND (fit.is_free OR NOT %(only_free)s)
ORDER BY live.sequence_number, live.code_id
LIMIT %(limit)s
FOR NO KEY UPDATE OF live, unit SKIP LOCKED
