"""Seal artwork: pictures, SVG, PDF and drawings become pages; pages become forms in documents."""
