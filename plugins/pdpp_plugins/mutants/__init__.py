"""Mutants: each breaks one clause, and the kit must notice."""
