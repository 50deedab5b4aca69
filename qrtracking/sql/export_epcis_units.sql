-- The units in these cases, with what names each of them for others.
SELECT unit.master_code_id, unit.code, product.gtin
FROM qr_codes unit
JOIN qr_products product ON product.id = unit.product_id
WHERE unit.master_code_id = ANY (%(cases)s::uuid[])
ORDER BY unit.master_code_id, unit.sequence_number
