-- Takes live rows of batches whose production is over out of the queue: nothing is packed from them
-- any more. A job that was at work in that moment may have added some after it.
UPDATE qr_prepared_codes
SET status = 'invalid', invalid_reason = 'not_available', updated_at = statement_timestamp()
WHERE id = ANY (ARRAY(
    SELECT live.id
    FROM qr_batches batch
    CROSS JOIN LATERAL (
        SELECT id
        FROM qr_prepared_codes
        WHERE batch_id = batch.id AND status = 'prepared'
        -- The order of the queue's index, so that a batch without rows costs one look into it.
        ORDER BY variant_id, sequence_number, code_id
        LIMIT %(limit)s
        FOR NO KEY UPDATE SKIP LOCKED
    ) live
    WHERE batch.status = 'completed'
    LIMIT %(limit)s
))
