-- The live rows of units. OFFSET 0 hides the status from the planner: while the statistics are older
-- than a job's million new rows, it would read the whole queue for it.
live AS MATERIALIZED (
    SELECT id, code_id
    FROM (
        SELECT id, code_id, status
        FROM qr_prepared_codes
        WHERE code_id = ANY (%(units)s::uuid[])
        OFFSET 0
    ) queued
    WHERE status = 'prepared'
)
