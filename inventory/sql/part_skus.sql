-- The next devices whose SKU was not supplied, with what it is made of.
SELECT item.id, item.imei, item.assumed, what.sku, what.sku_source, what.brand, what.model,
    what.storage, what.color, what.carrier
FROM item JOIN imei_sku_info AS what ON what.item_id = item.id
WHERE item.organization_id = %(organization)s AND item.imei > %(after)s
    AND what.sku_source IS DISTINCT FROM 'supplied'
ORDER BY item.imei
LIMIT %(limit)s
