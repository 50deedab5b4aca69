-- Only to look at.
{part_skus.sql}
