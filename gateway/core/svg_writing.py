"""Writing SVG by hand: elements, words that fit their room, and what everything looks like."""

from __future__ import annotations

import re
import unicodedata
from html import escape

_UNFIT = re.compile(
    "[^\t\n\x20-\x7e\xa0-\u061b\u061d-\u200d\u2010-\u2029\u202f-\u2065\u206a-\ud7ff\ue000-\ufffd"
    "\U00010000-\U0010ffff]"
)
"""What XML cannot hold, and what turns the direction in which a line is read."""
_SIZES = {"title": 17.0, "name": 13.5}
_SIZE = 12.0
_NARROW, _USUAL, _WIDE = 0.32, 0.56, 1.02
"""Widths of letters, of the size of the type: generous, since fonts differ."""


def element(name: str, content: str = "", **attributes: float | str | None) -> str:
    """Return an element; `content` is SVG already, attributes are not."""
    written = "".join(
        f' {_attribute(key)}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def text(words: str, room: float | None = None, shown: str = "") -> str:
    """Return words as content of an element; cut where `room` (in units of the SVG) ends."""
    words = _UNFIT.sub("\ufffd", words)
    if room is not None:
        words = _cut(words.replace("\n", " "), room / _SIZES.get(shown, _SIZE))
    return escape(words)


def _cut(words: str, room: float) -> str:
    """Cut words to a width, given in the size of the type."""
    if sum(map(_width, words)) <= room:
        return words
    kept, left = "", room - _WIDE
    for letter in words:
        left -= _width(letter)
        if left < 0:
            break
        kept += letter
    return kept.rstrip() + "…"


def _width(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return _WIDE
    if unicodedata.combining(letter):
        return 0.0
    if letter in "ijlt.,:;|!'()[] ":
        return _NARROW
    return 0.86 if letter in "mwMW@%…—" else 0.68 if letter.isupper() else _USUAL


def _attribute(key: str) -> str:
    return key.rstrip("_").replace("_", "-") if key != "viewBox" else key


def _value(value: float | str | None) -> str:
    return f"{value:g}" if isinstance(value, int | float) else escape(_UNFIT.sub("", str(value)))


ICONS = {
    "seal": '<circle r="7.5" class="line"/><circle r="3.4"/>',
    "approve": '<circle r="7.5" class="line"/><path d="M-3.6 .2l2.6 2.7 4.7-5.6" class="line"/>',
    "sign-outside": '<path d="M2 -6.5H-6.5V6.5H6.5V-.5M0 1L7 -7M2.5 -7H7V-2.5" class="line"/>',
    "review": '<path d="M-8 0Q0 -8.5 8 0Q0 8.5 -8 0Z" class="line"/><circle r="2.6"/>',
}
"""Around (0, 0), by the kind of step."""

_LIGHT = """\
.paper{fill:#fff}
text{fill:#1d2733;font:12px system-ui,"Segoe UI","Noto Sans","Noto Sans CJK SC",sans-serif}
.title{font-size:17px;font-weight:600}
.name{font-size:13.5px;font-weight:600}
.muted{fill:#5d6a79}
.label{fill:#5d6a79;font-weight:600}
.condition{fill:#8a5a00}
.box{fill:#f7f9fb;stroke:#c3ccd6;stroke-width:1.2}
.conditional{stroke-dasharray:5 3.5}
.stage{fill:none;stroke:#c3ccd6;stroke-width:1.2}
.way{fill:none;stroke:#8a97a6;stroke-width:1.4}
.tip,.begin{fill:#8a97a6}
.end{fill:none;stroke:#8a97a6;stroke-width:1.6}
.core{fill:#8a97a6}
.icon{fill:#5d6a79;stroke:none}
.icon .line{fill:none;stroke:#5d6a79;stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round}
.icon.seal{fill:#b3261e}.icon.seal .line{stroke:#b3261e}
.icon.approve{fill:#1d7a4c}.icon.approve .line{stroke:#1d7a4c}
.icon.sign-outside{fill:#2458b0}.icon.sign-outside .line{stroke:#2458b0}
.icon.review{fill:#6a55a0}.icon.review .line{stroke:#6a55a0}
.tray{fill:#fff3d6}
.document{fill:#6b4700}
.box.open,.box.released,.box.sealing{fill:#fff8e6;stroke:#d59a1c;stroke-width:1.8}
.box.done{fill:#effaf3;stroke:#4fa878;stroke-width:1.5}
.box.step-rejected,.box.step-expired{fill:#fdf0ef;stroke:#cf5b52;stroke-width:1.8}
.box.skipped,.box.pending{opacity:.62}
.told.done{fill:#1d6b44}.told.open,.told.released,.told.sealing{fill:#8a5a00}
.told.step-rejected,.told.step-expired{fill:#a82a22}.told.skipped{fill:#5d6a79}
.core.completed,.begin.completed{fill:#1d7a4c}.end.completed{stroke:#1d7a4c}
.core.rejected,.core.expired,.core.withdrawn{fill:#b3261e}
.end.rejected,.end.expired,.end.withdrawn{stroke:#b3261e}
"""
_DARK = """\
.paper{fill:#14191f}
text{fill:#e6ebf1}
.muted,.label,.told.skipped{fill:#9aa7b5}
.condition,.told.open,.told.released,.told.sealing{fill:#e5b45a}
.box{fill:#1d242c;stroke:#44505d}
.stage{stroke:#44505d}
.way,.end{stroke:#7d8a98}
.tip,.begin,.core{fill:#7d8a98}
.icon.seal{fill:#ff8a80}.icon.seal .line{stroke:#ff8a80}
.icon.approve{fill:#6fd6a0}.icon.approve .line{stroke:#6fd6a0}
.icon.sign-outside{fill:#8ab4ff}.icon.sign-outside .line{stroke:#8ab4ff}
.icon.review{fill:#b9a6f0}.icon.review .line{stroke:#b9a6f0}
.tray{fill:#3a2f14}
.document{fill:#f0d190}
.box.open,.box.released,.box.sealing{fill:#2b2514;stroke:#b98a2c}
.box.done{fill:#16281f;stroke:#3f8a62}
.box.step-rejected,.box.step-expired{fill:#301a19;stroke:#c0564e}
.told.done{fill:#7fdcaa}
.told.step-rejected,.told.step-expired{fill:#ff9d94}
.core.completed{fill:#6fd6a0}.end.completed{stroke:#6fd6a0}
.core.rejected,.core.expired,.core.withdrawn{fill:#ff8a80}
.end.rejected,.end.expired,.end.withdrawn{stroke:#ff8a80}
"""
_ARROW = (
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="6.5" refY="4" markerWidth="8"'
    ' markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">'
    '<path d="M0 .6L7 4 0 7.4Z" class="tip"/></marker></defs>'
)


def _scoped(rules: str) -> str:
    """Let rules hold in drawings only, should one stand in a page."""
    return re.sub(
        r"(^|\})([^{}\n]+)\{",
        lambda found: (
            found[1] + ",".join(f".flow-drawing {one}" for one in found[2].split(",")) + "{"
        ),
        rules,
        flags=re.MULTILINE,
    )


STYLE = (
    f"<style>{_scoped(_LIGHT)}"
    f"@media (prefers-color-scheme:dark){{{_scoped(_DARK)}}}</style>{_ARROW}"
)
"""How drawings look, in light and in dark surroundings."""
