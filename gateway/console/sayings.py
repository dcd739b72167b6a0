"""What the next page says about what was just done, by name: an address cannot put words there."""

from __future__ import annotations

from gateway.console.words import noted

SAYINGS = {
    "logged-out": noted("You are logged out."),
    "password-set": noted("The password is set; log in with it."),
    "saved": noted("Saved."),
}
