-- Of these IMEIs, those that are the second one of another device.
SELECT imei2, imei
FROM imei_units
WHERE organization_id = %(organization)s AND imei2 = ANY(%(imeis)s) AND imei <> imei2
