"""The definitions that Sealgate brings, each of them a tutorial in its comments."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable

from gateway.core.errors import UsageFault
from gateway.settings.problems import did_you_mean

ABOUT = {
    "two-party-contract": "legal reviews, the director releases the seal, the other side signs",
    "seal-application": "internal approval before sealing; large amounts need finance, too",
    "purchase-order": "who must approve depends on the amount, then the seal by itself",
    "nda": "our seal, then an outside signature in a field made in advance",
    "board-resolution": "two of three agree, then the seal; the certificate is sealed, too",
}
"""What each template is for, by its name."""


def flow_template(name: str) -> str:
    """Return the text of a template; raises `UsageFault` (`flow.unknown`)."""
    if name not in ABOUT:
        raise UsageFault("flow.unknown", f"template {name}.{did_you_mean(name, ABOUT)}")
    return _folder().joinpath(f"{name}.yaml").read_text(encoding="utf-8")


def _folder() -> Traversable:
    return files("gateway.settings").joinpath("templates")
