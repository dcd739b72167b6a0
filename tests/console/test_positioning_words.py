"""The positioning page speaks Chinese as well as English."""

from __future__ import annotations

import re
import string
from pathlib import Path

import jinja2
import pytest

import gateway.console
from gateway.console.positioning_chinese import POSITIONING_CHINESE
from gateway.console.positioning_words import words_of

_TEMPLATES = Path(gateway.console.__file__).parent / "templates"
_PAGES = ("positioning.html", "positioning_changes.html")


def used() -> set[str]:
    """Return every text that templates and script want translated."""
    found: set[str] = set()

    def note(text: str) -> str:
        found.add(text)
        return text

    words_of(note)
    for name in _PAGES:
        tree = jinja2.Environment(autoescape=True).parse((_TEMPLATES / name).read_text())
        for call in tree.find_all(jinja2.nodes.Call):
            if isinstance(call.node, jinja2.nodes.Name) and call.node.name == "t":
                (text,) = call.args
                assert isinstance(text, jinja2.nodes.Const), name
                found.add(text.value)
    return found


def test_every_text_has_its_chinese() -> None:
    """Nothing on the page is left in English, and nothing is translated that is not there."""
    assert used() == set(POSITIONING_CHINESE)


@pytest.mark.parametrize("text", sorted(POSITIONING_CHINESE))
def test_a_translation_has_the_same_blanks(text: str) -> None:
    """What is filled in is filled in in both languages."""
    blanks = [
        {field for _, field, _, _ in string.Formatter().parse(one) if field}
        for one in (text, POSITIONING_CHINESE[text])
    ]
    assert blanks[0] == blanks[1]


def test_the_script_uses_no_other_words() -> None:
    """Every word that the script asks for is there."""
    script = words_of(str).script
    static = _TEMPLATES.parent / "static" / "positioning"
    asked = {
        word
        for path in static.glob("*.js")
        if path.name != "place_form.js"  # it speaks of the words of a place
        for word in re.findall(r"(?<!dataset\.)\bwords\.([A-Za-z]+)", path.read_text())
    }
    assert asked <= set(script)
    assert set(script) <= asked | {"ways", "whence"}
