"""What the shell offers, a module for each kind of question."""
