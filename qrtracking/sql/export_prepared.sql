-- A page of the rows that a job has prepared, in their order, after the row with this key.
--
-- The page is cut before it is joined: it then costs the same wherever it lies.
WITH page AS MATERIALIZED (
    SELECT *
    FROM qr_prepared_codes
    WHERE job_id = %(job)s AND (sequence_number, id) > (%(after_sequence)s, %(after_id)s)
    ORDER BY sequence_number, id
    LIMIT %(limit)s
)
SELECT
    page.sequence_number,
    page.id,
    page.code,
    product.product_name,
    variant.variant_name,
    page.planned_case_number,
    page.status,
    packed.case_number,
    page.created_at,
    page.consumed_at
FROM page
JOIN qr_product_variants variant ON variant.id = page.variant_id
JOIN qr_products product ON product.id = variant.product_id
LEFT JOIN qr_master_codes packed ON packed.id = page.master_code_id
ORDER BY page.sequence_number, page.id
