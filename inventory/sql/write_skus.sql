-- New SKUs of some devices.
WITH row AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS row (id bigint, sku text, sku_source text)
), what AS (
    UPDATE imei_sku_info SET sku = row.sku, sku_source = row.sku_source,
        updated_at = clock_timestamp()
    FROM row WHERE imei_sku_info.item_id = row.id
)
UPDATE item SET sku = row.sku, updated_at = clock_timestamp()
FROM row WHERE item.id = row.id
