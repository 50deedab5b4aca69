-- New devices, in the sequence of their IMEIs; those that exist are left alone.
INSERT INTO item (organization_id, imei, luhn_valid, name, sku, description, assumed,
    last_queue_item_id, last_batch_id, received_at)
SELECT %(organization)s, imei, luhn_valid, name, sku, description, assumed, last_queue_item_id,
    last_batch_id, received_at
FROM jsonb_to_recordset(%(rows)s::jsonb) AS row (imei text, luhn_valid boolean, name text,
    sku text, description text, assumed text[], last_queue_item_id bigint, last_batch_id text,
    received_at timestamptz)
ORDER BY imei
ON CONFLICT (organization_id, imei) DO NOTHING
RETURNING imei, id
