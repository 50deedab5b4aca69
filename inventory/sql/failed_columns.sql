-- Every key that the failed items of a batch were posted with.
SELECT DISTINCT key COLLATE "C" AS column_name
FROM imei_data_queue CROSS JOIN LATERAL jsonb_object_keys(raw_data) AS key
WHERE organization_id = %(organization)s AND batch_id = %(batch)s AND status = 'failed'
ORDER BY column_name
LIMIT %(limit)s
