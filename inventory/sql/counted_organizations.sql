-- Organizations that have, or had, items.
SELECT DISTINCT organization_id FROM queue_count ORDER BY organization_id
