-- A page of the result of a packing plan, in the order of its file.
SELECT
    planned.row_no,
    planned.position,
    planned.raw_master,
    master.case_number,
    planned.raw,
    unit.code,
    planned.outcome,
    planned.reason,
    planned.detail
FROM qr_packing_plan_rows planned
LEFT JOIN qr_master_codes master ON master.id = planned.master_code_id
LEFT JOIN qr_codes unit ON unit.id = planned.code_id
WHERE planned.plan_id = %(plan)s
    AND (planned.row_no, planned.position) > (%(after_row)s, %(after_position)s)
ORDER BY planned.row_no, planned.position
LIMIT %(limit)s
