-- A page of cases with what EPCIS tells of them, after the case with this number: so many cases that
-- about `units` units lie in them, or the one case that was asked for.
--
-- `packed_at`: the last change of the contents. `emptied`: the events that took units out, with their
-- times; the journal does not keep which units.
WITH page AS MATERIALIZED (
    SELECT *
    FROM (
        SELECT holder.*, sum(holder.actual_unit_count) OVER (ORDER BY holder.case_number) AS running
        FROM (
            SELECT *
            FROM qr_master_codes
            WHERE batch_id = %(batch)s
                AND case_number > %(after_case)s
                AND (%(case)s::uuid IS NULL OR id = %(case)s::uuid)
            ORDER BY case_number
            LIMIT %(limit)s
        ) holder
    ) counted
    WHERE running - actual_unit_count < %(units)s
)
SELECT
    page.case_number,
    page.id,
    page.master_code,
    page.sscc,
    page.actual_unit_count > 0 AND page.actual_unit_count >= page.expected_unit_count,
    coalesce(
        (
            SELECT max(packing.created_at)
            FROM qr_scan_events packing
            WHERE packing.master_code_id = page.id
                AND packing.kind NOT IN ('unlink', 'receive', 'complete')
        ),
        page.manufacturer_scanned_at
    ),
    emptied.ids,
    emptied.times
FROM page
CROSS JOIN LATERAL (
    SELECT
        coalesce(array_agg(taking.id ORDER BY taking.id), '{}') AS ids,
        coalesce(array_agg(taking.created_at ORDER BY taking.id), '{}') AS times
    FROM qr_scan_events taking
    WHERE taking.master_code_id = page.id
        AND taking.kind IN ('unlink', 'undo', 'spoil', 'replace')
) emptied
ORDER BY page.case_number
