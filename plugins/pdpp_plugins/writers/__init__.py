"""Report writers: the one report of a run in other forms."""
