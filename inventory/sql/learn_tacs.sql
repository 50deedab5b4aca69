-- What most devices of a type say they are: at least five of them, and four of five agree.
-- Spelling is that of the most frequent spelling; what staff has confirmed is left alone.
WITH said AS (
    SELECT what.tac, what.brand, what.model,
        lower(what.brand) || chr(31) || lower(what.model) AS folded
    FROM imei_sku_info AS what
    JOIN item ON item.id = what.item_id
    WHERE what.organization_id = %(organization)s AND item.luhn_valid
        AND NOT item.assumed && ARRAY['brand', 'model']
), counted AS (
    SELECT tac, folded, count(*) AS agreeing, sum(count(*)) OVER (PARTITION BY tac) AS total,
        mode() WITHIN GROUP (ORDER BY brand) AS brand, mode() WITHIN GROUP (ORDER BY model) AS model
    FROM said GROUP BY tac, folded
), majority AS (
    SELECT * FROM counted WHERE total >= 5 AND agreeing * 10 >= total * 8
), dropped AS (
    DELETE FROM tac_model
    WHERE organization_id = %(organization)s AND NOT confirmed
        AND tac NOT IN (SELECT tac FROM majority)
)
INSERT INTO tac_model (organization_id, tac, brand, model, device_count)
SELECT %(organization)s, tac, brand, model, agreeing FROM majority
ON CONFLICT (organization_id, tac) DO UPDATE
SET brand = CASE WHEN tac_model.confirmed THEN tac_model.brand ELSE excluded.brand END,
    model = CASE WHEN tac_model.confirmed THEN tac_model.model ELSE excluded.model END,
    device_count = excluded.device_count, updated_at = clock_timestamp()
