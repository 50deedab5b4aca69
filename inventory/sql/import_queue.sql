-- Queues the rows of an import that can be, in the sequence of the file: the later row wins.
INSERT INTO imei_data_queue (organization_id, raw_data, priority, max_retries, source, batch_id,
    imei_norm, validation, run_after, line_no)
SELECT organization_id, data -> 'phone', %(priority)s, %(max_retries)s, %(source)s, %(batch)s,
    imei_norm, %(validation)s, %(run_after)s, line_no
FROM queue_import_row
WHERE import_id = %(import)s AND verdict <> 'invalid'
ORDER BY line_no
