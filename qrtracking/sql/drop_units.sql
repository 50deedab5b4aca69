-- Deletes the first units of a batch that was never packed. By the index's order: the planner takes
-- a batch for half of the table, and would look for its rows from the beginning.
DELETE FROM qr_codes
WHERE ctid = ANY (
    ARRAY(
        SELECT ctid FROM qr_codes WHERE batch_id = %(batch)s
        ORDER BY sequence_number LIMIT %(limit)s
    )
)
