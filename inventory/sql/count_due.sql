-- Due items, counted no further than `most` of each kind. In the order of the due indexes and with
-- the list that claims have, so that nothing else is read: rows that have ended outnumber the due
-- ones, and the planner would look for these among them.
SELECT (
    SELECT count(*) FROM (
        SELECT FROM imei_data_queue
        WHERE organization_id = %(organization)s
            AND status = ANY ('{pending,pending}') AND run_after IS NULL AND NOT isolate
        ORDER BY priority, created_at, id
        LIMIT %(most)s
    ) AS clean
) + (
    SELECT count(*) FROM (
        SELECT FROM imei_data_queue
        WHERE organization_id = %(organization)s
            AND status = ANY ('{pending,pending}') AND run_after IS NULL AND isolate
        ORDER BY priority, created_at, id
        LIMIT %(most)s
    ) AS isolated
)
