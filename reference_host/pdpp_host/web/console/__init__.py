"""The owner's console: pages for a person on the same summaries as the JSON routes."""
