"""Proof that the kit can fail: what breaks a clause is caught for that reason, what is legal passes."""
