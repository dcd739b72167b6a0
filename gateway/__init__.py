"""Sealgate: a watched-folder gateway that puts an organisation's e-seal on PDFs."""

__version__ = "0.1.0"
