-- Devices moved, taken out of stock or brought back, each with its movement. Those that are not what
-- they have to be, or are there already, stay as they are. Locked in the sequence of all who lock.
WITH wanted AS MATERIALIZED (
    SELECT item.id, item.imei, stock.id AS stock_id, stock.location_id
    FROM item JOIN inventory AS stock ON stock.item_id = item.id
    WHERE item.organization_id = %(organization)s AND item.id = ANY (%(ids)s)
        AND item.status = %(was)s
        AND (%(place)s::bigint IS NULL OR stock.location_id <> %(place)s::bigint)
    ORDER BY item.imei
    FOR NO KEY UPDATE OF item, stock
), device AS (
    UPDATE item
    SET status = %(becomes)s, manual_changed_at = %(now)s, updated_at = %(now)s,
        assumed = CASE WHEN %(place)s::bigint IS NULL THEN assumed
            ELSE array_remove(assumed, 'location') END
    FROM wanted WHERE item.id = wanted.id
), stock AS (
    UPDATE inventory
    SET location_id = coalesce(%(place)s::bigint, inventory.location_id), updated_at = %(now)s,
        status = CASE WHEN %(becomes)s = 'removed' THEN 'removed' ELSE 'in_stock' END
    FROM wanted WHERE inventory.id = wanted.stock_id
)
INSERT INTO movement (organization_id, item_id, imei, from_location_id, to_location_id, reason,
    moved_by, note)
SELECT %(organization)s, id, imei,
    CASE WHEN %(reason)s <> 'return' THEN location_id END,
    CASE WHEN %(reason)s <> 'remove' THEN coalesce(%(place)s::bigint, location_id) END,
    %(reason)s, %(actor)s, %(note)s
FROM wanted
ORDER BY imei
