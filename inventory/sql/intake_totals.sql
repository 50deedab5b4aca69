-- The phones that a person has scanned since some time, by the place of their last scan: how many,
-- how many of them were new, and how many came from another place.
WITH scan AS (
    SELECT image.imei, image.queue_item_id, image.created,
        coalesce(item.raw_data, archived.raw_data) AS raw_data, movement.id IS NOT NULL AS is_moved
    FROM queue_batch AS batch
    JOIN queue_item_undo AS image
        ON image.organization_id = batch.organization_id AND image.batch_id = batch.batch_id
    LEFT JOIN imei_data_queue AS item ON item.id = image.queue_item_id
    LEFT JOIN imei_data_log AS archived
        ON item.id IS NULL AND archived.organization_id = batch.organization_id
        AND archived.queue_id = image.queue_item_id
    LEFT JOIN movement ON movement.queue_item_id = image.queue_item_id
    WHERE batch.organization_id = %(organization)s AND batch.created_at >= %(since)s
        AND batch.created_by_id = %(user)s AND batch.source = 'scan' AND batch.undone_at IS NULL
), phone AS (
    SELECT imei, (array_agg(raw_data ORDER BY queue_item_id DESC))[1] AS raw_data,
        bool_or(created) AS is_new, bool_or(is_moved) AS is_moved
    FROM scan GROUP BY imei
)
SELECT raw_data ->> 'location', raw_data ->> 'warehouse', count(*), count(*) FILTER (WHERE is_new),
    count(*) FILTER (WHERE is_moved AND NOT is_new)
FROM phone
GROUP BY 1, 2
ORDER BY 1, 2
