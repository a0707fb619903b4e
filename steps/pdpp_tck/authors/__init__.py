"""Scenarios outside our tree: an author's folder of features, with sentences and mutants of its own."""
