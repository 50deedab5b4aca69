-- Counts the live rows of a batch for each variant of its order, up to a limit each, and gives the
-- first unit number. Rows of cancelled jobs wait to be cleared away and count no more.
SELECT variant.variant_code, head.ready, head.first
FROM qr_order_items item
JOIN qr_product_variants variant ON variant.id = item.variant_id
CROSS JOIN LATERAL (
    SELECT count(*) AS ready, min(sequence_number) AS first
    FROM (
        SELECT live.sequence_number
        FROM qr_prepared_codes live
        WHERE live.batch_id = %(batch_id)s
            AND live.variant_id = item.variant_id
            AND live.status = 'prepared'
            AND live.job_id <> ALL (ARRAY(
                SELECT job.id
                FROM qr_reverse_jobs job
                WHERE job.batch_id = %(batch_id)s
                    AND (job.status = 'cancelled' OR job.cancel_requested_at IS NOT NULL)
            ))
        ORDER BY live.sequence_number, live.code_id
        LIMIT %(limit)s
    ) ready_rows
) head
WHERE item.order_id = %(order_id)s AND head.ready > 0
ORDER BY variant.variant_code
