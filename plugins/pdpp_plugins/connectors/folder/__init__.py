"""`folder`: collects a directory of channels, each with its messages and reactions as JSON lines."""
