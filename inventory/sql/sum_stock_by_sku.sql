-- Devices in stock by SKU, on demand by place as well, and how they tested.
SELECT CASE WHEN %(by_place)s THEN stock.location_id END, item.sku, count(*),
    count(*) FILTER (WHERE inspected.working_status = 'YES'),
    count(*) FILTER (WHERE inspected.working_status = 'NO'),
    count(*) FILTER (WHERE inspected.working_status = 'PENDING')
FROM inventory AS stock
JOIN item ON item.id = stock.item_id
JOIN imei_inspect_data AS inspected ON inspected.item_id = stock.item_id
WHERE stock.organization_id = ANY (%(organizations)s) AND stock.status = 'in_stock'
    AND (%(places)s::bigint[] IS NULL OR stock.location_id = ANY (%(places)s::bigint[]))
GROUP BY 1, 2
