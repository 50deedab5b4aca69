-- Takes the next free spares of each variant by sequence and locks them, so many as are needed. What
-- somebody else holds, and what is kept for another spoiled unit, is passed over.
SELECT spare.*
FROM unnest(%(variants)s::uuid[], %(counts)s::integer[]) AS needed (variant_id, units)
CROSS JOIN LATERAL (
    SELECT unit.*
    FROM qr_codes unit
    WHERE unit.batch_id = %(batch)s
        AND unit.is_buffer
        AND unit.status = 'buffer_available'
        AND unit.variant_id = needed.variant_id
        AND unit.replaces_sequence_no IS NULL
        AND unit.id <> ALL (%(except)s::uuid[])
    ORDER BY unit.sequence_number
    LIMIT needed.units
    FOR NO KEY UPDATE SKIP LOCKED
) spare
ORDER BY spare.sequence_number
