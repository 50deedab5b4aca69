-- A job may prepare the unit: it is free, no spare, and inside the job's filters (null: none).
NOT unit.is_buffer
AND unit.status = ANY (%(free)s)
AND (%(variant)s::uuid IS NULL OR unit.variant_id = %(variant)s::uuid)
AND (
    %(cases)s::integer[] IS NULL OR unit.planned_case_number = ANY (%(cases)s::integer[])
) IS TRUE
