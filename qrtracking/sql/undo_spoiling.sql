-- Makes the units of one event of spoiling good again, in the case that they were in if there was
-- one, and frees the spares that replaced them.
UPDATE qr_codes
SET status = CASE
        WHEN id = ANY (%(spares)s::uuid[]) THEN 'buffer_available'
        WHEN %(case)s::uuid IS NULL THEN coalesce(previous_status, 'generated')
        WHEN is_buffer THEN 'buffer_used'
        ELSE 'packed'
    END,
    master_code_id = CASE WHEN id = ANY (%(units)s::uuid[]) THEN %(case)s::uuid END,
    previous_status = CASE
        WHEN id = ANY (%(units)s::uuid[]) AND %(case)s::uuid IS NOT NULL THEN previous_status
    END,
    packed_event_id = CASE WHEN id = ANY (%(units)s::uuid[]) THEN packed_event_id END,
    replaces_sequence_no = CASE WHEN id = ANY (%(units)s::uuid[]) THEN replaces_sequence_no END,
    updated_at = statement_timestamp()
WHERE id = ANY (%(units)s::uuid[] || %(spares)s::uuid[])
