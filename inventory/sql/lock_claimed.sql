-- Those of our claimed items that are still ours: others may have taken over what took too long.
SELECT id FROM imei_data_queue
WHERE id = ANY (%(ids)s) AND status = 'processing' AND lease_token = %(token)s
ORDER BY id
FOR NO KEY UPDATE
