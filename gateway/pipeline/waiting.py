"""Waiting for a person."""

NEVER = 1e12
"""A time to probe, in seconds since the epoch, that does not come."""
