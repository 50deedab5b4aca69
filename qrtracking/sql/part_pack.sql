-- The event of a packing, and the locked units that it puts into their case.
event AS (
    INSERT INTO qr_scan_events (
        organization_id, batch_id, order_id, kind, master_code_id, unit_count, actor_id, client_uuid
    )
    VALUES (
        %(organization)s, %(batch)s, %(order)s, %(kind)s, %(case)s,
        cardinality(%(units)s::uuid[]), %(actor)s, %(client_uuid)s::uuid
    )
    RETURNING id
), packed AS (
    UPDATE qr_codes unit
    SET master_code_id = %(case)s,
        previous_status = unit.status,
        status = CASE WHEN unit.is_buffer THEN 'buffer_used' ELSE 'packed' END,
        packed_event_id = event.id,
        last_scanned_at = statement_timestamp(),
        last_scanned_by = %(actor)s,
        current_location_org_id = %(organization)s,
        updated_at = statement_timestamp()
    FROM event
    WHERE unit.id = ANY (%(units)s::uuid[])
)
