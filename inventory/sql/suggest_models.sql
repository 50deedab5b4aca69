-- Devices of an unknown model get the one of their type suggested; nothing is written for them.
-- In the sequence of all who lock devices.
WITH wanted AS (
    SELECT item.id, CASE WHEN 'model' = ANY (item.assumed) AND tac.tac IS NOT NULL
        THEN jsonb_build_object('brand', tac.brand, 'model', tac.model) END AS suggested
    FROM item
    LEFT JOIN tac_model AS tac
        ON tac.organization_id = item.organization_id AND tac.tac = left(item.imei, 8)
    WHERE item.organization_id = %(organization)s
        AND ('model' = ANY (item.assumed) OR item.suggested IS NOT NULL)
), locked AS (
    SELECT item.id, wanted.suggested FROM item JOIN wanted USING (id)
    WHERE item.suggested IS DISTINCT FROM wanted.suggested
    ORDER BY item.imei
    FOR NO KEY UPDATE OF item
)
UPDATE item SET suggested = locked.suggested
FROM locked WHERE item.id = locked.id
