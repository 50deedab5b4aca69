-- Scans by the batches that they came in, the newest first: what was scanned and what it did; of a
-- phone that stayed where it was, when it was scanned there before. Cleared items are in the archive.
SELECT batch.batch_id, batch.created_at, batch.undone_at IS NOT NULL, scan.status, scan.error,
    scan.raw_data::text, scan.imei, scan.warnings::text, image.created, movement.reason,
    origin.name, origin_house.name, target.name, target_house.name, earlier.created_at,
    CASE WHEN 'name' = ANY (device.assumed) THEN NULL ELSE device.name END
FROM queue_batch AS batch
LEFT JOIN queue_item_undo AS image
    ON image.organization_id = batch.organization_id AND image.batch_id = batch.batch_id
JOIN LATERAL (
    SELECT id, status, error_message AS error, raw_data, imei_norm AS imei, warnings
    FROM imei_data_queue
    WHERE organization_id = batch.organization_id AND batch_id = batch.batch_id
    UNION ALL
    SELECT queue_id, processing_status, error_message, raw_data, imei, '[]'::jsonb
    FROM imei_data_log
    WHERE organization_id = batch.organization_id AND queue_id = image.queue_item_id
    LIMIT 1
) AS scan ON true
LEFT JOIN movement ON movement.queue_item_id = scan.id
LEFT JOIN location AS origin ON origin.id = movement.from_location_id
LEFT JOIN warehouse AS origin_house ON origin_house.id = origin.warehouse_id
LEFT JOIN location AS target ON target.id = movement.to_location_id
LEFT JOIN warehouse AS target_house ON target_house.id = target.warehouse_id
LEFT JOIN item AS device
    ON device.organization_id = batch.organization_id AND device.imei = scan.imei
LEFT JOIN LATERAL (
    SELECT before.created_at
    FROM imei_data_queue AS before
    JOIN queue_batch AS before_batch ON before_batch.batch_id = before.batch_id
    WHERE before.organization_id = batch.organization_id AND before.imei_norm = scan.imei
        AND before.id < scan.id AND before.source = 'scan' AND before.status = 'completed'
        AND before.created_at > batch.created_at - interval '24 hours'
        AND before_batch.undone_at IS NULL
        AND before.raw_data ->> 'location' = scan.raw_data ->> 'location'
        AND before.raw_data ->> 'warehouse' = scan.raw_data ->> 'warehouse'
    ORDER BY before.id DESC
    LIMIT 1
) AS earlier ON movement.id IS NULL
WHERE batch.organization_id = %(organization)s AND batch.batch_id = ANY (%(batches)s)
ORDER BY batch.created_at DESC, batch.id DESC
