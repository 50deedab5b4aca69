-- How many units of a batch are available, without those that are spoiled, packed or spare.
SELECT count(*)
FROM qr_codes
WHERE batch_id = %(batch)s AND NOT is_buffer AND status = ANY (%(free)s)
