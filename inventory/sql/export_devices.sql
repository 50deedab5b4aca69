-- The next devices with everything that the file shows, by IMEI.
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
WHERE item.organization_id = %(organization)s AND item.imei > %(after)s
    AND (%(status)s::text IS NULL OR item.status = %(status)s::text)
    AND (%(location)s::text IS NULL OR location.name_key = %(location)s::text)
    AND (%(working)s::text IS NULL OR inspected.working_status = %(working)s::text)
    AND (%(sku)s::text IS NULL OR item.sku = %(sku)s::text)
    AND (%(brand)s::text IS NULL OR lower(what.brand) = lower(%(brand)s::text))
    AND (%(model)s::text IS NULL OR lower(what.model) = lower(%(model)s::text))
ORDER BY item.imei
LIMIT %(limit)s
