"""Programs that the kit starts: standard library only, run as files of their own."""
