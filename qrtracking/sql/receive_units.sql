-- Moves the units of received cases to where their cases are. A used spare keeps its status.
UPDATE qr_codes unit
SET status = CASE WHEN unit.status = 'buffer_used' THEN unit.status ELSE 'received_warehouse' END,
    current_location_org_id = master.warehouse_org_id,
    updated_at = statement_timestamp()
FROM qr_master_codes master
WHERE master.id = ANY (%(cases)s::uuid[])
    AND unit.master_code_id = master.id
    AND unit.status IN ('packed', 'ready_to_ship', 'buffer_used')
