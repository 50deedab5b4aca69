-- Puts the units of a stretch of a batch into the queue, in sequence: eligible, inside the job's
-- filters, excluded neither by the job nor by a later one, and not in the queue already.
-- One row: units put in, and units that were to be put in.
WITH barred AS MATERIALIZED (
    SELECT DISTINCT sequence_number
    FROM qr_reverse_job_excludes
    WHERE job_id = ANY (%(barring)s) AND sequence_number BETWEEN %(first)s AND %(last)s
), candidate AS MATERIALIZED (
    SELECT
        unit.id, unit.order_id, unit.code, unit.sequence_number, unit.variant_id,
        unit.planned_case_number
    FROM qr_codes unit
    WHERE unit.batch_id = %(batch)s
        AND unit.sequence_number BETWEEN %(first)s AND %(last)s
        AND NOT unit.is_buffer
        AND unit.status = ANY (%(free)s)
        AND (%(variant)s::uuid IS NULL OR unit.variant_id = %(variant)s::uuid)
        AND (
            %(cases)s::integer[] IS NULL OR unit.planned_case_number = ANY (%(cases)s::integer[])
        )
        AND NOT EXISTS (
            SELECT FROM barred WHERE barred.sequence_number = unit.sequence_number
        )
    ORDER BY unit.sequence_number
), added AS (
    INSERT INTO qr_prepared_codes (
        organization_id, job_id, batch_id, order_id, code_id, code, sequence_number, variant_id,
        planned_case_number
    )
    SELECT
        %(organization)s::uuid, %(job)s::uuid, %(batch)s::uuid, order_id, id, code,
        sequence_number, variant_id, planned_case_number
    FROM candidate
    ON CONFLICT (code_id) WHERE status = 'prepared' DO NOTHING
    RETURNING 1
)
SELECT (SELECT count(*) FROM added), (SELECT count(*) FROM candidate)
