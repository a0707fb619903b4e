"""Mail: what is the same about a message wherever it is kept, for the connectors that read mail."""
