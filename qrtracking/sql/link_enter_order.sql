-- Reads an order and holds it open. Packers share this lock; the warehouse's intake and the end of
-- production take FOR UPDATE on the same row and so wait for each other and for every packer.
SELECT * FROM qr_orders
WHERE id = %(order)s AND organization_id = %(organization)s
FOR KEY SHARE
