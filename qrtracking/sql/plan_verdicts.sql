-- Writes what became of units of a plan when it was applied.
UPDATE qr_packing_plan_rows planned
SET outcome = verdict.outcome, reason = verdict.reason, detail = verdict.detail
FROM unnest(
    %(row_nos)s::integer[], %(positions)s::integer[], %(outcomes)s::text[], %(reasons)s::text[],
    %(details)s::text[]
) AS verdict (row_no, position, outcome, reason, detail)
WHERE planned.plan_id = %(plan)s
    AND planned.row_no = verdict.row_no
    AND planned.position = verdict.position
