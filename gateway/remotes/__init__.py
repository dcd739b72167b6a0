"""Folders on other machines, reached through one port; each protocol has an adapter."""
