"""Tests of the storage plugins."""
