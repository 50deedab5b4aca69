-- Devices in stock by place and SKU, and how they tested. Sums are counted, never kept.
SELECT warehouse.name, location.name, item.sku, count(*),
    count(*) FILTER (WHERE inspected.working_status = 'YES'),
    count(*) FILTER (WHERE inspected.working_status = 'NO'),
    count(*) FILTER (WHERE inspected.working_status = 'PENDING')
FROM inventory AS stock
JOIN location ON location.id = stock.location_id
JOIN warehouse ON warehouse.id = location.warehouse_id
JOIN item ON item.id = stock.item_id
JOIN imei_inspect_data AS inspected ON inspected.item_id = stock.item_id
WHERE stock.organization_id = %(organization)s AND stock.status = 'in_stock'
GROUP BY warehouse.name, location.name, item.sku
ORDER BY warehouse.name, location.name, item.sku NULLS LAST
