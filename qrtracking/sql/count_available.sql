-- The available units of a batch: all, those that are excluded, and the first codes of these.
SELECT
    count(*),
    count(*) FILTER (WHERE unit.sequence_number <@ %(excluded)s::int4multirange),
    coalesce(
        (
            array_agg(unit.code ORDER BY unit.sequence_number)
            FILTER (WHERE unit.sequence_number <@ %(excluded)s::int4multirange)
        )[1:%(listed)s],
        '{}'
    )
FROM qr_codes unit
WHERE unit.batch_id = %(batch)s AND NOT unit.is_buffer AND unit.status = ANY (%(free)s)
