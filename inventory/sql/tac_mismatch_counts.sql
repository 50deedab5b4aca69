-- TACs with devices of another model; read as tac_mismatches.sql, some of each TAC. Devices without
-- a known model contradict nobody.
SELECT tac.tac, tac.brand, tac.model, differing.count, differing.imei
FROM tac_model AS tac
CROSS JOIN LATERAL (
    SELECT count(*), max(imei) AS imei
    FROM (
        (SELECT imei FROM imei_sku_info AS what
        WHERE what.organization_id = tac.organization_id AND what.tac = tac.tac
            AND lower(what.model) < lower(tac.model)
            AND lower(what.model) <> lower(%(unknown)s) LIMIT %(limit)s)
        UNION ALL
        (SELECT imei FROM imei_sku_info AS what
        WHERE what.organization_id = tac.organization_id AND what.tac = tac.tac
            AND lower(what.model) > lower(tac.model)
            AND lower(what.model) <> lower(%(unknown)s) LIMIT %(limit)s)
    ) AS few
) AS differing
WHERE tac.organization_id = %(organization)s AND differing.count > 0
ORDER BY differing.count DESC, tac.tac
LIMIT %(shown)s
