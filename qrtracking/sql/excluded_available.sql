-- The available units of a batch in these stretches of sequence numbers: their number, and the first
-- codes. The stretches do not overlap; OFFSET 0 has each of them looked up in the index.
SELECT
    count(*), coalesce((array_agg(unit.code ORDER BY unit.sequence_number))[1:%(listed)s], '{}')
FROM unnest(%(excluded)s::int4multirange) AS span
CROSS JOIN LATERAL (
    SELECT numbered.code, numbered.sequence_number, numbered.is_buffer, numbered.status
    FROM qr_codes numbered
    WHERE numbered.batch_id = %(batch)s
        AND numbered.sequence_number BETWEEN lower(span) AND upper(span) - 1
    OFFSET 0
) unit
WHERE NOT unit.is_buffer AND unit.status = ANY (%(free)s)
