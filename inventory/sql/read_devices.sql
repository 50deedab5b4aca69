-- Devices with their parts, locked in the sequence of their IMEIs.
SELECT item.id, item.imei, item.luhn_valid, item.status, item.assumed, item.last_queue_item_id,
    item.last_batch_id, stock.location_id, location.name_key,
    item.name, item.sku, item.description, item.received_at,
    what.sku_source, what.brand, what.model, what.model_number, what.storage, what.ram,
    what.color, what.carrier,
    inspected.working_status, inspected.defects, inspected.battery_health,
    inspected.battery_health_raw, inspected.battery_cycle, inspected.grade, inspected.mdm,
    inspected.tester_name, inspected.station, inspected.repair_notes, inspected.check_date,
    inspected.test_results, inspected.screen_condition, inspected.body_condition, inspected.notes,
    unit.serial_number, unit.imei2
FROM item
JOIN imei_sku_info AS what ON what.item_id = item.id
JOIN imei_inspect_data AS inspected ON inspected.item_id = item.id
JOIN imei_units AS unit ON unit.item_id = item.id
JOIN inventory AS stock ON stock.item_id = item.id
JOIN location ON location.id = stock.location_id
WHERE item.organization_id = %(organization)s AND item.imei = ANY (%(imeis)s)
ORDER BY item.imei
FOR UPDATE OF item
