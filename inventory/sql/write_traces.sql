-- What each item left behind: its test, its movement, and what is needed to undo it.
WITH tests AS (
    INSERT INTO device_test (organization_id, item_id, imei, queue_item_id, test_result, working,
        defects, tester_name)
    SELECT %(organization)s, item_id, imei, queue_item_id, test_result, working, defects,
        tester_name
    FROM jsonb_to_recordset(%(tests)s::jsonb) AS row (item_id bigint, imei text,
        queue_item_id bigint, test_result text, working text, defects text, tester_name text)
    ORDER BY queue_item_id
), movements AS (
    INSERT INTO movement (organization_id, item_id, imei, queue_item_id, from_location_id,
        to_location_id, reason)
    SELECT %(organization)s, item_id, imei, queue_item_id, from_location_id, to_location_id, reason
    FROM jsonb_to_recordset(%(movements)s::jsonb) AS row (item_id bigint, imei text,
        queue_item_id bigint, from_location_id bigint, to_location_id bigint, reason text)
    ORDER BY queue_item_id
)
INSERT INTO queue_item_undo (queue_item_id, organization_id, batch_id, imei, created, before)
SELECT queue_item_id, %(organization)s, batch_id, imei, created, before
FROM jsonb_to_recordset(%(images)s::jsonb) AS row (queue_item_id bigint, batch_id text,
    imei text, created boolean, before jsonb)
