-- Counts what could be linked of each variant of an order, up to a limit each, and gives its first
-- unit: which variant comes first, and what the queue holds when it has nothing for a case.
SELECT item.variant_id, head.units, head.first
FROM qr_order_items item
CROSS JOIN LATERAL (
    SELECT count(*) AS units, min(sequence_number) AS first
    FROM (
        SELECT live.sequence_number
        FROM qr_prepared_codes live
        JOIN qr_codes unit ON unit.id = live.code_id
        WHERE live.batch_id = %(batch)s
            AND live.variant_id = item.variant_id
            AND live.status = 'prepared'
            AND live.job_id NOT IN ({part_cancelled_jobs.sql})
            -- The batch only here: without statistics the planner would look units up by it.
            AND (
                %(case_number)s::integer IS NULL
                OR (
                    unit.batch_id = %(batch)s
                    AND unit.planned_case_number = %(case_number)s::integer
                )
            )
            AND NOT unit.is_buffer
            AND unit.master_code_id IS NULL
            AND unit.status = ANY (%(free)s)
        ORDER BY live.sequence_number, live.code_id
        LIMIT %(limit)s
    ) linkable
) head
WHERE item.order_id = %(order)s AND head.units > 0
ORDER BY head.first
