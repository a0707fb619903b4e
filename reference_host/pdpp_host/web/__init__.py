"""The host over HTTP: the owner's routes, the readers' routes, and the stage."""
