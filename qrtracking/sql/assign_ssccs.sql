-- Gives cases that have none their shipping numbers; the caller has locked them.
UPDATE qr_master_codes holder
SET sscc = given.sscc, updated_at = statement_timestamp()
FROM unnest(%(cases)s::uuid[], %(ssccs)s::text[]) AS given (id, sscc)
WHERE holder.id = given.id AND holder.sscc IS NULL
