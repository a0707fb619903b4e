"""Connectors: ordinary programs that read a source and speak the wire."""
