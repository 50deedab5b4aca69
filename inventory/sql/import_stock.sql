-- Of these IMEIs, those that are known in stock. As an array: a list of thousands of parameters takes
-- longer to be written than the devices to be found.
SELECT imei, status
FROM item
WHERE organization_id = %(organization)s AND imei = ANY(%(imeis)s)
