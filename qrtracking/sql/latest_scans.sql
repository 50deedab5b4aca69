-- The newest scans of each of these batches, by the index on (batch, scanned at): five rows a batch
-- are read, however many cases it has.
SELECT batch.id, scan.manufacturer_scanned_at, scan.manufacturer_scanned_by
FROM unnest(%(batches)s::uuid[]) AS batch (id)
CROSS JOIN LATERAL (
    SELECT manufacturer_scanned_at, manufacturer_scanned_by
    FROM qr_master_codes
    WHERE batch_id = batch.id AND manufacturer_scanned_at IS NOT NULL
    ORDER BY manufacturer_scanned_at DESC NULLS LAST
    LIMIT %(limit)s
) AS scan
ORDER BY batch.id, scan.manufacturer_scanned_at DESC
