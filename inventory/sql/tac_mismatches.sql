-- Devices whose model is not the one of their TAC. Found from the TACs, of which there are few:
-- other models lie before and behind the right one in the index. Takes the organizations twice.
SELECT what.item_id
FROM tac_model AS tac
JOIN imei_sku_info AS what ON what.organization_id = tac.organization_id AND what.tac = tac.tac
    AND lower(what.model) < lower(tac.model)
WHERE tac.organization_id = ANY (%s)
UNION ALL
SELECT what.item_id
FROM tac_model AS tac
JOIN imei_sku_info AS what ON what.organization_id = tac.organization_id AND what.tac = tac.tac
    AND lower(what.model) > lower(tac.model)
WHERE tac.organization_id = ANY (%s)
