-- Devices in stock by place, and how they tested. Without the devices themselves: a third of the work.
SELECT stock.location_id, NULL::text, count(*),
    count(*) FILTER (WHERE inspected.working_status = 'YES'),
    count(*) FILTER (WHERE inspected.working_status = 'NO'),
    count(*) FILTER (WHERE inspected.working_status = 'PENDING')
FROM inventory AS stock
JOIN imei_inspect_data AS inspected ON inspected.item_id = stock.item_id
WHERE stock.organization_id = ANY (%(organizations)s) AND stock.status = 'in_stock'
    AND (%(places)s::bigint[] IS NULL OR stock.location_id = ANY (%(places)s::bigint[]))
GROUP BY stock.location_id
