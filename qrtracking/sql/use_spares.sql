-- Lets locked spares replace spoiled units: those of packed units go into their cases, the others
-- are kept for their unit and stay free until they are packed.
UPDATE qr_codes unit
SET replaces_sequence_no = used.replaces,
    status = CASE WHEN used.case_id IS NULL THEN unit.status ELSE 'buffer_used' END,
    previous_status = CASE WHEN used.case_id IS NOT NULL THEN unit.status END,
    master_code_id = used.case_id,
    packed_event_id = CASE WHEN used.case_id IS NOT NULL THEN used.event_id END,
    last_scanned_at = statement_timestamp(),
    last_scanned_by = %(actor)s,
    current_location_org_id = %(organization)s,
    updated_at = statement_timestamp()
FROM unnest(
    %(spares)s::uuid[], %(replaces)s::integer[], %(cases)s::uuid[], %(events)s::uuid[]
) AS used (id, replaces, case_id, event_id)
WHERE unit.id = used.id
