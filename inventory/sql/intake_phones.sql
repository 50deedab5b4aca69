-- How many phones a person has scanned since some time: each counts once.
WITH {part_intake_images.sql}
SELECT count(DISTINCT imei) FROM image
