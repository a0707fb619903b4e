"""Identity plugins: rules that prove two sources to be one, or name the record behind a record."""
