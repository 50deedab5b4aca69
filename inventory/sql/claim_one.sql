-- One item by its id, when it is due: a scan is worked off while the person waits.
WITH due AS (
    SELECT id FROM imei_data_queue
    WHERE organization_id = %(organization)s AND id = %(item)s
        AND status = 'pending' AND run_after IS NULL
    FOR UPDATE SKIP LOCKED
), {part_claim.sql}
