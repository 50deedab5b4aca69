"""Tables as files: written as a stream, read row by row."""
