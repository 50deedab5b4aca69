-- Deletes the first cases of a batch that has no units (see drop_units).
DELETE FROM qr_master_codes
WHERE ctid = ANY (
    ARRAY(
        SELECT ctid FROM qr_master_codes WHERE batch_id = %(batch)s
        ORDER BY case_number LIMIT %(limit)s
    )
)
