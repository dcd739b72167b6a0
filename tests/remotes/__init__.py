"""Servers for the tests of remote folders, and these tests."""
