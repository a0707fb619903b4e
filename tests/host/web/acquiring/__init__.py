"""Tests of the reference host."""
