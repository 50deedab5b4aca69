-- Writes the events of spoiling, one for each case and one for the units that lay in none.
INSERT INTO qr_scan_events (
    organization_id, batch_id, order_id, kind, master_code_id, unit_count, actor_id
)
SELECT %(organization)s, %(batch)s, %(order)s, lost.kind, lost.case_id, lost.units, %(actor)s
FROM unnest(%(kinds)s::text[], %(cases)s::uuid[], %(counts)s::integer[])
    AS lost (kind, case_id, units)
RETURNING master_code_id, id
