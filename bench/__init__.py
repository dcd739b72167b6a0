"""Measurements and large demonstrations, apart from the tests."""
