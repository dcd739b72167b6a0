"""The nouns and decisions of core."""
