-- Rows of the queue that wait for a case, of each variant of an order, counted up to a limit each.
-- Unlike link_ready it looks no unit up: rows whose unit was packed elsewhere since are among them.
SELECT variant.variant_code, head.units
FROM qr_order_items item
JOIN qr_product_variants variant ON variant.id = item.variant_id
CROSS JOIN LATERAL (
    SELECT count(*) AS units
    FROM (
        SELECT 1
        FROM qr_prepared_codes live
        WHERE live.batch_id = %(batch)s
            AND live.variant_id = item.variant_id
            AND live.status = 'prepared'
            AND live.job_id NOT IN ({part_cancelled_jobs.sql})
        LIMIT %(limit)s
    ) waiting
) head
WHERE item.order_id = %(order)s AND head.units > 0
ORDER BY item.created_at, item.id
