-- Takes rows out of the queue whose unit is no longer free, in the stretches of each variant that
-- were looked at (`reach` is put in by the caller, with bounds that the planner can see), so that they
-- never stand in the way again. Gives the first thousand of their codes.
-- OFFSET 0 keeps the planner from reading all units: each row looks up its own.
WITH stale AS MATERIALIZED (
    SELECT live.id
    FROM qr_prepared_codes live
    CROSS JOIN LATERAL (
        SELECT
            unit.planned_case_number,
            (
                unit.is_buffer OR unit.master_code_id IS NOT NULL OR unit.status <> ALL (%(free)s)
            ) AS is_stale
        FROM qr_codes unit
        WHERE unit.id = live.code_id
        OFFSET 0
    ) unit
    WHERE live.batch_id = %(batch)s
        AND live.status = 'prepared'
        AND ({reach})
        AND (
            %(case_number)s::integer IS NULL OR unit.planned_case_number = %(case_number)s::integer
        )
        AND unit.is_stale
    FOR NO KEY UPDATE OF live SKIP LOCKED
), dropped AS (
    UPDATE qr_prepared_codes live
    SET status = 'invalid', invalid_reason = 'packed_elsewhere', updated_at = statement_timestamp()
    FROM stale
    WHERE live.id = stale.id
    RETURNING live.code, live.sequence_number, live.code_id
)
SELECT code FROM dropped ORDER BY sequence_number, code_id LIMIT 1000
