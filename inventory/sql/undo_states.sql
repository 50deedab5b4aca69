-- Per IMEI of a batch: whether the item that was handled first (one that was retried comes after
-- those behind it) made the device, the device before that item, and whether the device is still as
-- the batch left it. The same sequence as all who lock devices.
SELECT image.imei, image.created, image.before, item.id,
    item.id IS NOT NULL AND item.last_batch_id = %(batch)s
        AND item.last_queue_item_id = image.last_queue_item_id
        AND (item.manual_changed_at IS NULL OR item.manual_changed_at < image.written_at)
FROM (
    SELECT imei, (array_agg(created ORDER BY created_at, queue_item_id))[1] AS created,
        (array_agg(before ORDER BY created_at, queue_item_id))[1]::text AS before,
        max(queue_item_id) AS last_queue_item_id, max(created_at) AS written_at
    FROM queue_item_undo
    WHERE organization_id = %(organization)s AND batch_id = %(batch)s AND imei > %(after)s
    GROUP BY imei
    ORDER BY imei
    LIMIT %(limit)s
) AS image
LEFT JOIN item ON item.organization_id = %(organization)s AND item.imei = image.imei
ORDER BY image.imei
