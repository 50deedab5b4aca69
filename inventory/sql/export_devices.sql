-- Some devices with everything that the file shows, by IMEI.
SELECT item.imei, inspected.working_status, item.name, what.model, what.storage, what.color,
    what.carrier, location.name, inspected.body_condition, item.sku, inspected.defects,
    inspected.notes, inspected.repair_notes,
    coalesce(inspected.battery_health_raw, inspected.battery_health::text),
    inspected.battery_cycle, what.model_number, what.brand, item.received_at,
    array_to_string(CASE WHEN what.sku_source IN ('rule', 'generated')
        THEN item.assumed || 'sku'::text ELSE item.assumed END, ',')
FROM item
JOIN imei_sku_info AS what ON what.item_id = item.id
JOIN imei_inspect_data AS inspected ON inspected.item_id = item.id
JOIN inventory AS stock ON stock.item_id = item.id
JOIN location ON location.id = stock.location_id
WHERE item.id = ANY (%(ids)s)
ORDER BY item.imei
