"""The page: the whole report in one file that asks nobody for anything."""
