"""Comparing two reports: what became worse, better, new, or is judged by something else."""
