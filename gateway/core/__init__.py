"""Nouns of the house: values and decisions, pure, without I/O, clock, PDF library or YAML."""
