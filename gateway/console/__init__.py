"""The console: web pages on the ledger that the daemon works on; a process of its own."""
