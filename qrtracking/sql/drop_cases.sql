-- Deletes some cases of a batch that has no units.
DELETE FROM qr_master_codes
WHERE ctid = ANY (ARRAY(SELECT ctid FROM qr_master_codes WHERE batch_id = %(batch)s LIMIT %(limit)s))
