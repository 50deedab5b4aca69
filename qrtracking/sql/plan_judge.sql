-- Tells the units that a plan puts into some cases whether they can be packed, by the rules of
-- Scan & pack: packed already, not free, of another variant, planned for another case; what fits is
-- ready in the order of the plan, as far as the case has room.
--
-- A case takes the planned variants when it is mixed, else that of its units, else the planned one,
-- else the most frequent one of what is to come into it (the first named of several).
WITH target AS MATERIALIZED (
    SELECT
        master.id,
        master.case_number,
        master.expected_unit_count,
        master.expected_unit_count - inside.units AS room,
        CASE
            WHEN master.is_mixed THEN planned.variants
            WHEN inside.units > 0 THEN ARRAY[inside.variant]
            WHEN master.planned_variant_id IS NOT NULL THEN ARRAY[master.planned_variant_id]
        END AS variants
    FROM qr_master_codes master
    CROSS JOIN LATERAL (
        SELECT
            coalesce(sum(packed.units), 0)::integer AS units,
            (array_agg(packed.variant_id ORDER BY packed.units DESC, packed.variant_id))[1] AS variant
        FROM (
            SELECT variant_id, count(*) AS units
            FROM qr_codes
            WHERE master_code_id = master.id
            GROUP BY variant_id
        ) packed
    ) inside
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(DISTINCT label.variant_id), '{}') AS variants
        FROM qr_codes label
        WHERE master.is_mixed
            AND label.batch_id = master.batch_id
            AND label.planned_case_number = master.case_number
    ) planned
    WHERE master.id = ANY (%(cases)s::uuid[])
), named AS MATERIALIZED (
    SELECT
        planned.row_no,
        planned.position,
        planned.master_code_id AS case_id,
        unit.variant_id,
        CASE WHEN NOT unit.is_buffer THEN unit.planned_case_number END AS planned_case,
        unit.status,
        CASE
            WHEN unit.master_code_id IS NOT NULL THEN 'already_linked'
            WHEN unit.status <> ALL (%(free)s) THEN 'not_available'
        END AS reason,
        (
            SELECT holder.case_number FROM qr_master_codes holder
            WHERE holder.id = unit.master_code_id
        ) AS held_by
    FROM qr_packing_plan_rows planned
    JOIN qr_codes unit ON unit.id = planned.code_id
    WHERE planned.plan_id = %(plan)s
        AND planned.master_code_id = ANY (%(cases)s::uuid[])
        AND planned.outcome IS NULL
), usual AS (
    SELECT DISTINCT ON (case_id) case_id, variant_id
    FROM (
        SELECT
            case_id, variant_id, count(*) AS units,
            min(row_no::bigint * 1000000 + position) AS first
        FROM named
        WHERE reason IS NULL
        GROUP BY case_id, variant_id
    ) candidate
    ORDER BY case_id, units DESC, first
), fitting AS (
    SELECT
        named.*,
        target.room,
        target.expected_unit_count,
        CASE
            WHEN named.reason IS NOT NULL THEN named.reason
            WHEN named.variant_id <> ALL (coalesce(target.variants, ARRAY[usual.variant_id]))
                THEN 'wrong_variant'
            WHEN NOT %(any_case)s AND named.planned_case <> target.case_number
                THEN 'wrong_sequence'
        END AS misfit
    FROM named
    JOIN target ON target.id = named.case_id
    LEFT JOIN usual ON usual.case_id = named.case_id
), placed AS (
    SELECT
        fitting.*,
        row_number() OVER (
            PARTITION BY case_id, misfit IS NULL ORDER BY row_no, position
        ) AS place
    FROM fitting
), judged AS (
    SELECT
        row_no,
        position,
        CASE WHEN misfit IS NULL AND place > room THEN 'case_full' ELSE misfit END AS reason,
        held_by,
        status,
        variant_id,
        planned_case,
        expected_unit_count
    FROM placed
)
UPDATE qr_packing_plan_rows planned
SET outcome = CASE WHEN judged.reason IS NULL THEN 'ready' ELSE 'refused' END,
    reason = coalesce(judged.reason, ''),
    detail = coalesce(
        CASE judged.reason
            WHEN 'already_linked' THEN judged.held_by::text
            WHEN 'not_available' THEN judged.status
            WHEN 'wrong_variant' THEN (
                SELECT variant.variant_code FROM qr_product_variants variant
                WHERE variant.id = judged.variant_id
            )
            WHEN 'wrong_sequence' THEN judged.planned_case::text
            WHEN 'case_full' THEN judged.expected_unit_count::text
        END,
        ''
    )
FROM judged
WHERE planned.plan_id = %(plan)s
    AND planned.row_no = judged.row_no
    AND planned.position = judged.position
