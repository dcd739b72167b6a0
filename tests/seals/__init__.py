"""Tests of the seal store."""
