-- Devices whose model is not the one of their TAC. Found from the TACs, of which there are few:
-- other models lie before and behind the right one in the index. OFFSET keeps the planner, which
-- takes most models for others, from reading them all.
SELECT found.item_id
FROM tac_model AS tac
CROSS JOIN LATERAL (
    (SELECT what.item_id FROM imei_sku_info AS what
    WHERE what.organization_id = tac.organization_id AND what.tac = tac.tac
        AND lower(what.model) < lower(tac.model)
    OFFSET 0)
    UNION ALL
    (SELECT what.item_id FROM imei_sku_info AS what
    WHERE what.organization_id = tac.organization_id AND what.tac = tac.tac
        AND lower(what.model) > lower(tac.model)
    OFFSET 0)
) AS found
JOIN item ON item.id = found.item_id
WHERE tac.organization_id = ANY (%(organizations)s) AND NOT 'model' = ANY (item.assumed)
LIMIT %(limit)s
