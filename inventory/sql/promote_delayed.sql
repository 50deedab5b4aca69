-- Rows whose time has come enter the due index.
UPDATE imei_data_queue SET run_after = NULL, updated_at = clock_timestamp()
WHERE id IN (
    SELECT id FROM imei_data_queue
    WHERE organization_id = %(organization)s AND status = 'pending'
        AND run_after <= clock_timestamp()
    ORDER BY run_after
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
