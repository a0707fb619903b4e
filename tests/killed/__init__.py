"""Hosts that die at any line of theirs, come back, and are held against what they had acknowledged."""
