"""What the host's rules are about: plain data and pure functions, standard library and msgspec only."""
