-- The open drain of a lane, made when there is none. Its lock makes a drain that is ending wait for
-- us, or us for it; one that waits for a later time is due earlier now. Says whether to ring.
INSERT INTO queue_drain (organization_id, lane, status, priority, correlation_id, run_after)
VALUES (%(organization)s, %(lane)s, 'queued', 5, %(correlation)s,
    clock_timestamp() + make_interval(secs => %(delay)s))
ON CONFLICT (organization_id, lane) WHERE status IN ('queued', 'running')
DO UPDATE SET run_after = least(queue_drain.run_after, excluded.run_after),
    updated_at = clock_timestamp()
RETURNING id, status = 'queued'
