"""What a run comes to for whoever gates on it: demands, waivers, the lock, and the decision."""
