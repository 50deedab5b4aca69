-- What the invalid rows of an import have: the keys of records, and the most cells of a row.
(
    SELECT DISTINCT key COLLATE "C" AS name, NULL::int AS width
    FROM queue_import_row CROSS JOIN LATERAL jsonb_object_keys(data -> 'record') AS key
    WHERE import_id = %(import)s AND verdict = 'invalid'
    ORDER BY name
    LIMIT %(most)s
)
UNION ALL
SELECT NULL, max(jsonb_array_length(data -> 'cells'))
FROM queue_import_row
WHERE import_id = %(import)s AND verdict = 'invalid'
