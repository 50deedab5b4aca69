-- Resolves entries to stretches of sequence numbers in a batch. One row: the stretches as one value,
-- and the positions of the entries that name no unit of the batch.
WITH {part_named_units.sql}, span AS (
    SELECT position, int4range(sequence_number, sequence_number, '[]') AS numbers
    FROM chosen
    WHERE batch_id = %(batch)s
    UNION ALL
    SELECT entry.position, int4range(entry.first, entry.last, '[]')
    FROM entry
    WHERE entry.first > 0
        AND EXISTS (
            SELECT FROM qr_codes numbered
            WHERE numbered.batch_id = %(batch)s
                AND numbered.sequence_number BETWEEN entry.first AND entry.last
        )
)
SELECT
    coalesce((SELECT range_agg(numbers) FROM span), '{}')::text,
    (
        SELECT coalesce(array_agg(entry.position ORDER BY entry.position), '{}')
        FROM entry
        WHERE NOT EXISTS (SELECT FROM span WHERE span.position = entry.position)
    )
