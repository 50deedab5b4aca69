-- Scans by the batches that they came in, the newest first: what was scanned and what it did; of a
-- phone that stayed where it was, when it was scanned there before. Cleared items are in the archive.
-- Every table is asked row by row, whatever the planner believes of a young one.
SELECT batch.batch_id, batch.created_at, batch.undone_at IS NOT NULL, scan.status, scan.error,
    scan.raw_data::text, scan.imei, scan.warnings::text, image.created, movement.reason,
    origin.name, origin_house.name, target.name, target_house.name, earlier.created_at, device.name
FROM unnest(%(batches)s::text[]) AS wanted (batch_id)
JOIN LATERAL (
    SELECT * FROM queue_batch WHERE batch_id = wanted.batch_id ORDER BY batch_id LIMIT 1
) AS batch ON batch.organization_id = %(organization)s
LEFT JOIN LATERAL (
    SELECT queue_item_id, created FROM queue_item_undo
    WHERE organization_id = batch.organization_id AND batch_id = batch.batch_id
    ORDER BY organization_id, batch_id, imei, queue_item_id LIMIT 1
) AS image ON true
JOIN LATERAL (
    (SELECT id, status, error_message AS error, raw_data, imei_norm AS imei, warnings
    FROM imei_data_queue
    WHERE organization_id = batch.organization_id AND batch_id = batch.batch_id
    ORDER BY organization_id, batch_id, status, priority, created_at, id LIMIT 1)
    UNION ALL
    (SELECT queue_id, processing_status, error_message, raw_data, imei, '[]'::jsonb
    FROM imei_data_log
    WHERE organization_id = batch.organization_id AND queue_id = image.queue_item_id
    ORDER BY organization_id, queue_id LIMIT 1)
    LIMIT 1
) AS scan ON true
LEFT JOIN movement ON movement.queue_item_id = scan.id
LEFT JOIN location AS origin ON origin.id = movement.from_location_id
LEFT JOIN warehouse AS origin_house ON origin_house.id = origin.warehouse_id
LEFT JOIN location AS target ON target.id = movement.to_location_id
LEFT JOIN warehouse AS target_house ON target_house.id = target.warehouse_id
LEFT JOIN LATERAL (
    SELECT CASE WHEN 'name' = ANY (assumed) THEN NULL ELSE name END AS name
    FROM item WHERE organization_id = batch.organization_id AND imei = scan.imei
    ORDER BY organization_id, imei LIMIT 1
) AS device ON true
LEFT JOIN LATERAL (
    SELECT before.created_at
    FROM (
        SELECT id, batch_id, source, status, created_at, raw_data
        FROM imei_data_queue
        WHERE organization_id = batch.organization_id AND imei_norm = scan.imei AND id < scan.id
        ORDER BY id DESC LIMIT 50
    ) AS before
    JOIN queue_batch AS before_batch
        ON before_batch.batch_id = before.batch_id AND before_batch.undone_at IS NULL
    WHERE before.source = 'scan' AND before.status = 'completed'
        AND before.created_at > batch.created_at - interval '24 hours'
        AND before.raw_data ->> 'location' = scan.raw_data ->> 'location'
        AND before.raw_data ->> 'warehouse' = scan.raw_data ->> 'warehouse'
    ORDER BY before.id DESC LIMIT 1
) AS earlier ON movement.id IS NULL
ORDER BY batch.created_at DESC, batch.id DESC
