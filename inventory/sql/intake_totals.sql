-- The phones that a person has scanned since some time, by the place of their last scan: how many,
-- how many of them were new, and how many came from another place.
WITH {part_intake_images.sql}, scan AS (
    SELECT image.*, coalesce(item.raw_data, archived.raw_data) AS raw_data,
        movement.id IS NOT NULL AS is_moved
    FROM image
    LEFT JOIN imei_data_queue AS item ON item.id = image.queue_item_id
    LEFT JOIN LATERAL (
        SELECT raw_data FROM imei_data_log
        WHERE organization_id = %(organization)s AND queue_id = image.queue_item_id
        ORDER BY organization_id, queue_id LIMIT 1
    ) AS archived ON item.id IS NULL
    LEFT JOIN movement ON movement.queue_item_id = image.queue_item_id
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
