"""What a run is told as: JSON for machines, a table for people."""
