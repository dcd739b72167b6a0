"""Seals: the bytes of their artwork, kept by hash so that a pinned job finds them unchanged."""
