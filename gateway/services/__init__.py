"""Digest services and time-stamp authorities: they are handed digests, never a document."""
