"""The recorded door: what was asked of subjects, what they answered, and views of it."""
