"""One step of the schema a file; a released one is never edited."""
