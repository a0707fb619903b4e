"""Writing a specification with the kit beside it: what moved, what is new, and what of it is covered."""
