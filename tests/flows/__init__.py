"""Contract flows."""
