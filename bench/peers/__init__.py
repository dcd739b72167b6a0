"""Other signers, each a program of its own in the benchmarks' own environment."""
