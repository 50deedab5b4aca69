-- Deletes some units of a batch that was never packed.
DELETE FROM qr_codes
WHERE ctid = ANY (ARRAY(SELECT ctid FROM qr_codes WHERE batch_id = %(batch)s LIMIT %(limit)s))
