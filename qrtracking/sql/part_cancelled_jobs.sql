-- Jobs of the batch whose rows are not for packing, from the cancel's answer on.
SELECT job.id
FROM qr_reverse_jobs job
WHERE job.batch_id = %(batch)s
    AND (job.status = 'cancelled' OR job.cancel_requested_at IS NOT NULL)
