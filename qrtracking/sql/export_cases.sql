-- A page of the cases of a batch, in their order, after the case with this number.
SELECT
    holder.case_number,
    holder.master_code,
    holder.expected_unit_count,
    holder.actual_unit_count,
    holder.status,
    holder.manufacturer_scanned_at,
    coalesce(nullif(trim(concat_ws(' ', person.first_name, person.last_name)), ''), person.username)
FROM qr_master_codes holder
LEFT JOIN accounts_user person ON person.id = holder.manufacturer_scanned_by
WHERE holder.batch_id = %(batch)s AND holder.case_number > %(after_case)s
ORDER BY holder.case_number
LIMIT %(limit)s
