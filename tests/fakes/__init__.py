"""Stand-ins where no real peer can do what a test needs; named like the adapter."""
