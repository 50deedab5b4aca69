-- The open drain of a lane, made when there is none. The update touches nothing that matters: its
-- lock makes a drain that is ending wait for us, or us for it.
INSERT INTO queue_drain (organization_id, lane, status, priority, correlation_id)
VALUES (%(organization)s, %(lane)s, 'queued', 5, %(correlation)s)
ON CONFLICT (organization_id, lane) WHERE status IN ('queued', 'running')
DO UPDATE SET updated_at = clock_timestamp()
RETURNING id, xmax = 0
