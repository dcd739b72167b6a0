"""Tests of the room of notices."""
