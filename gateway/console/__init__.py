"""The console: web pages for people; a process of its own that meets the daemon in the ledger."""
