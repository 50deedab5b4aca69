-- A page of the units that really lie in the cases of a batch, case by case, after this unit.
--
-- Each case is opened by itself and gives no more than a page: a batch of a million units is never
-- sorted as a whole.
WITH page AS MATERIALIZED (
    SELECT holder.master_code, holder.case_number, held.*
    FROM qr_master_codes holder
    CROSS JOIN LATERAL (
        SELECT *
        FROM qr_codes unit
        WHERE unit.master_code_id = holder.id
            AND (holder.case_number, unit.sequence_number) > (%(after_case)s, %(after_sequence)s)
        ORDER BY unit.sequence_number
        LIMIT %(limit)s
    ) held
    WHERE holder.batch_id = %(batch)s
        AND holder.case_number >= %(after_case)s
    ORDER BY holder.case_number, held.sequence_number
    LIMIT %(limit)s
)
SELECT
    page.case_number,
    page.sequence_number,
    page.master_code,
    page.code,
    product.product_name,
    variant.variant_name,
    page.is_buffer,
    page.replaces_sequence_no,
    page.status,
    page.last_scanned_at
FROM page
JOIN qr_product_variants variant ON variant.id = page.variant_id
JOIN qr_products product ON product.id = page.product_id
ORDER BY page.case_number, page.sequence_number
