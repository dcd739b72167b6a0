"""Folders: watch, scan, settle, claim, store, deliver, archive; no link is followed."""
