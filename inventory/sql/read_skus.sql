-- Locked as everywhere.
{part_skus.sql}
FOR NO KEY UPDATE OF item
