"""From an owner's request to a run's end: spawn, listen, judge, write, commit."""
