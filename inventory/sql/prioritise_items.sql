-- Pending items change their place in the queue.
WITH chosen AS (
    SELECT id FROM imei_data_queue
    WHERE organization_id = %(organization)s AND id = ANY (%(ids)s::bigint[])
        AND status = 'pending' AND priority <> %(priority)s
    ORDER BY id
    FOR UPDATE
)
UPDATE imei_data_queue AS item
SET priority = %(priority)s, updated_at = clock_timestamp()
FROM chosen
WHERE item.id = chosen.id AND item.status = 'pending'
