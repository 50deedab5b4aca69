image AS (
    SELECT image.imei, image.queue_item_id, image.created
    FROM queue_batch AS batch
    CROSS JOIN LATERAL (
        SELECT imei, queue_item_id, created FROM queue_item_undo
        WHERE organization_id = batch.organization_id AND batch_id = batch.batch_id
        ORDER BY organization_id, batch_id, imei, queue_item_id LIMIT 1
    ) AS image
    WHERE batch.organization_id = %(organization)s AND batch.created_at >= %(since)s
        AND batch.created_by = %(user)s AND batch.source = 'scan' AND batch.undone_at IS NULL
)
