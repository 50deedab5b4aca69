-- Moves units after their completed cases, a slice of cases with about so many units: the number of
-- the last case of the slice (null when there is none left), and how many units were moved.
WITH slice AS (
    SELECT max(case_number) AS last
    FROM (
        SELECT
            case_number,
            sum(actual_unit_count) OVER (ORDER BY case_number) - actual_unit_count AS before
        FROM qr_master_codes
        WHERE batch_id = %(batch)s AND case_number > %(after)s
    ) upcoming
    WHERE before < %(limit)s
), moved AS (
    UPDATE qr_codes unit
    SET status = 'ready_to_ship', updated_at = statement_timestamp()
    FROM qr_master_codes master
    WHERE master.batch_id = %(batch)s
        AND master.case_number > %(after)s
        AND master.case_number <= (SELECT last FROM slice)
        AND master.status IN ('ready_to_ship', 'in_transit')
        AND unit.master_code_id = master.id
        AND unit.status = 'packed'
    RETURNING 1
)
SELECT (SELECT last FROM slice), (SELECT count(*) FROM moved)
