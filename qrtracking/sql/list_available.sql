-- The next available units of a batch after a sequence number, without the excluded ones.
SELECT
    unit.id, unit.code, unit.sequence_number, product.product_code, product.product_name,
    variant.variant_code, variant.variant_name, unit.status
FROM (
    SELECT free.id, free.code, free.sequence_number, free.product_id, free.variant_id, free.status
    FROM qr_codes free
    WHERE free.batch_id = %(batch)s
        AND free.sequence_number > %(after)s
        AND NOT free.is_buffer
        AND free.status = ANY (%(free)s)
        AND NOT free.sequence_number <@ %(excluded)s::int4multirange
    ORDER BY free.sequence_number
    LIMIT %(limit)s
) unit
JOIN qr_products product ON product.id = unit.product_id
JOIN qr_product_variants variant ON variant.id = unit.variant_id
ORDER BY unit.sequence_number
