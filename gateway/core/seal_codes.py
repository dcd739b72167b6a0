"""What can be wrong with a seal's own artwork, found out when it is imported."""

from __future__ import annotations

from gateway.core.error_code import document

SEAL_CODES = (
    document(
        "seal.artwork-unreadable",
        "The seal's artwork cannot be read.",
        "Save it anew as PNG, JPEG, SVG or a PDF of one page without protection; import that.",
    ),
    document(
        "seal.artwork-empty",
        "The seal's artwork shows nothing.",
        "Check that the right file was chosen, and that its layers are visible when it is saved.",
    ),
    document(
        "seal.artwork-unsupported",
        "The seal's artwork uses something that cannot be kept as it looks.",
        "Do what stands in brackets in the program that made it, or save it as PNG at 600 dots "
        "per inch.",
    ),
)
