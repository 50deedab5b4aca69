-- Packs locked rows of the queue into a case: the event, the rows, and the units that they stand for.
WITH event AS (
    INSERT INTO qr_scan_events (
        organization_id, batch_id, order_id, kind, master_code_id, unit_count, actor_id, client_uuid
    )
    VALUES (
        %(organization)s, %(batch)s, %(order)s, 'link_queue', %(case)s,
        cardinality(%(rows)s::uuid[]), %(actor)s, %(client_uuid)s::uuid
    )
    RETURNING id
), consumed AS (
    UPDATE qr_prepared_codes
    SET status = 'consumed',
        master_code_id = %(case)s,
        consumed_at = statement_timestamp(),
        updated_at = statement_timestamp()
    WHERE id = ANY (%(rows)s::uuid[])
    RETURNING code_id
), packed AS (
    UPDATE qr_codes unit
    SET master_code_id = %(case)s,
        previous_status = unit.status,
        status = 'packed',
        packed_event_id = event.id,
        last_scanned_at = statement_timestamp(),
        last_scanned_by = %(actor)s,
        current_location_org_id = %(organization)s,
        updated_at = statement_timestamp()
    FROM event, consumed
    WHERE unit.id = consumed.code_id
)
SELECT id FROM event
