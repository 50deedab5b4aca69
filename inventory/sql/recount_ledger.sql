-- An entry for each sum of the ledger that differs from the rows. One statement sees one moment:
-- what moves beside it brings its own entries.
WITH {part_ledger_state.sql}
INSERT INTO queue_count (organization_id, status, row_delta, second_delta)
SELECT organization_id, status, rows - stored, seconds - stored_seconds
FROM wrong WHERE has_wrong_rows OR has_wrong_seconds
