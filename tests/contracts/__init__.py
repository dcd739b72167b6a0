"""One suite for each port, run over all that implement it."""
