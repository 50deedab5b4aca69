-- What decides about packing into a locked case, as one JSON object: the batch's status, the
-- warehouse's lock, the units in the case and (mixed cases) the units planned for it by variant, the
-- variants of the order, and the event that a repeated scan has made already.
SELECT jsonb_build_object(
    'batch_status', batch.status,
    'is_locked', EXISTS (
        SELECT
        FROM qr_master_codes taken
        WHERE taken.order_id = master.order_id AND taken.status = ANY (%(locked)s)
    ),
    'packed', ARRAY(
        SELECT jsonb_build_array(inside.variant_id, count(*))
        FROM qr_codes inside
        WHERE inside.master_code_id = master.id
        GROUP BY inside.variant_id
        ORDER BY count(*) DESC, inside.variant_id
    ),
    'planned', ARRAY(
        SELECT jsonb_build_array(planned.variant_id, count(*))
        FROM qr_codes planned
        WHERE master.is_mixed
            AND planned.batch_id = master.batch_id
            AND planned.planned_case_number = master.case_number
        GROUP BY planned.variant_id
        ORDER BY planned.variant_id
    ),
    'variants', ARRAY(
        SELECT jsonb_build_array(variant.id, variant.variant_code, variant.variant_name)
        FROM qr_order_items item
        JOIN qr_product_variants variant ON variant.id = item.variant_id
        WHERE item.order_id = master.order_id
        ORDER BY variant.variant_code, variant.id
    ),
    'event', (
        SELECT jsonb_build_array(event.id, event.kind, event.master_code_id)
        FROM qr_scan_events event
        WHERE event.organization_id = master.organization_id
            AND event.client_uuid = %(client_uuid)s::uuid
    )
)
FROM qr_master_codes master
JOIN qr_batches batch ON batch.id = master.batch_id
WHERE master.id = %(case)s
