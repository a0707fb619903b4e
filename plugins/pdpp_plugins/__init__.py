"""Everything in this project that can be swapped for something else."""
