-- Takes the next rows of one variant from the queue and locks them with their units; tells which
-- units are still free. What another station holds is passed over, so that two stations get disjoint
-- units without waiting. Rows of cancelled jobs are not for packing.
-- The first try looks at no unit (`only_free` is false): whatever the statistics say, the limit and
-- the index's order make the plan. Units are looked up row by row behind OFFSET 0: while the
-- statistics expect one row of a batch's million new ones, a join with a sort seems as cheap. NOT IN,
-- because the planner takes an array that it does not know for ten values, and with few jobs expects
-- no row at all.
SELECT
    live.id, live.code_id, live.code, live.sequence_number, live.variant_id, unit.is_free
FROM qr_prepared_codes live
CROSS JOIN LATERAL (
    SELECT fit.is_free
    FROM qr_codes held
    CROSS JOIN LATERAL (
        SELECT NOT held.is_buffer
            AND held.master_code_id IS NULL
            AND held.status = ANY (%(free)s) AS is_free
    ) fit
    WHERE held.id = live.code_id
        AND (
            %(case_number)s::integer IS NULL
            OR (
                held.batch_id = %(batch)s
                AND held.planned_case_number = %(case_number)s::integer
            )
        )
        AND (fit.is_free OR NOT %(only_free)s)
    OFFSET 0
    FOR NO KEY UPDATE OF held SKIP LOCKED
) unit
WHERE live.batch_id = %(batch)s
    AND live.variant_id = %(variant)s
    AND live.status = 'prepared'
    AND live.job_id NOT IN ({part_cancelled_jobs.sql})
ORDER BY live.sequence_number, live.code_id
LIMIT %(limit)s
FOR NO KEY UPDATE OF live SKIP LOCKED
