"""Source drivers: what arranges a connector's source for a scenario."""
