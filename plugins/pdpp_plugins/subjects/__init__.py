"""Subjects: what gives the kit access to hosts and connectors."""
