-- The undone items of some devices: their tests never were, and their log says so.
WITH undone AS (
    SELECT queue_item_id FROM queue_item_undo
    WHERE organization_id = %(organization)s AND batch_id = %(batch)s AND imei = ANY (%(imeis)s)
), tests AS (
    DELETE FROM device_test WHERE queue_item_id IN (SELECT queue_item_id FROM undone)
)
INSERT INTO queue_processing_log (organization_id, queue_item_id, action, message)
SELECT %(organization)s, queue_item_id, 'undone', 'Undone with its batch'
FROM undone ORDER BY queue_item_id
