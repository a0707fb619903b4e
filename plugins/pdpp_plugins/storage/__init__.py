"""Storage plugins: databases behind the host's storage port."""
