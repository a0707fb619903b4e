"""The read model: evidence of connections, maintained as they change (CS-06)."""
