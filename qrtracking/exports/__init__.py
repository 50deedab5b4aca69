"""What leaves the system as a file: the rows of each file, read page by page."""
