"""Tests of the pdf room, on real files."""
