-- Refuses the units of a plan that several of its rows name, in all of these rows, and what a row
-- names a second time. What is refused already keeps its reason, but counts as naming the unit.
WITH named AS (
    SELECT
        row_no,
        position,
        outcome,
        min(row_no) OVER unit AS first_row,
        max(row_no) OVER unit AS last_row,
        row_number() OVER (PARTITION BY code_id, row_no ORDER BY position) AS time
    FROM qr_packing_plan_rows
    WHERE plan_id = %(plan)s AND code_id IS NOT NULL
    WINDOW unit AS (PARTITION BY code_id)
)
UPDATE qr_packing_plan_rows planned
SET outcome = 'refused',
    reason = CASE WHEN named.first_row < named.last_row THEN 'in_other_row' ELSE 'repeated' END,
    detail = CASE
        WHEN named.first_row = named.last_row THEN ''
        WHEN named.row_no = named.first_row THEN named.last_row::text
        ELSE named.first_row::text
    END
FROM named
WHERE planned.plan_id = %(plan)s
    AND planned.row_no = named.row_no
    AND planned.position = named.position
    AND named.outcome IS NULL
    AND (named.first_row < named.last_row OR named.time > 1)
