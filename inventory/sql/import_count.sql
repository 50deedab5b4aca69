-- An import in numbers: rows by verdict, refusals and warnings by code.
SELECT 'verdict' AS kind, verdict AS name, count(*) AS row_count
FROM queue_import_row
WHERE import_id = %(import)s
GROUP BY verdict
UNION ALL
SELECT 'error', error_code, count(*)
FROM queue_import_row
WHERE import_id = %(import)s AND verdict = 'invalid'
GROUP BY error_code
UNION ALL
SELECT 'warning', warning ->> 'code', count(DISTINCT line_no)
FROM queue_import_row CROSS JOIN LATERAL jsonb_array_elements(warnings) AS warning
WHERE import_id = %(import)s AND warnings <> '[]'
GROUP BY warning ->> 'code'
