-- Lists live rows of other variants that stand before the last linked unit and stay in the queue.
SELECT passed.code
FROM unnest(%(variants)s::uuid[]) AS other (variant_id)
CROSS JOIN LATERAL (
    SELECT live.code, live.sequence_number, live.code_id
    FROM qr_prepared_codes live
    WHERE live.batch_id = %(batch)s
        AND live.variant_id = other.variant_id
        AND live.status = 'prepared'
        AND live.sequence_number < %(last)s
    ORDER BY live.sequence_number, live.code_id
    LIMIT %(limit)s
) passed
ORDER BY passed.sequence_number, passed.code_id
LIMIT %(limit)s
