"""The positioning page's script finds every word that it asks for."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import gateway.console
from gateway.console.positioning_words import words_of
from gateway.console.words import chinese

_ASSETS = Path(gateway.console.__file__).parent / "assets"
_TEXTS = sorted(one for one in words_of(str).script.values() if isinstance(one, str))


def test_the_script_uses_the_words_that_it_gets() -> None:
    """Every word that the script asks for is there, and none is there for nothing."""
    script = words_of(str).script
    asked = {
        word
        for path in sorted(_ASSETS.glob("positioning*.js"))
        if path.name != "positioning_form.js"  # it speaks of the words of a place
        for word in re.findall(r"(?<!dataset\.)\bwords\.([A-Za-z]+)", path.read_text())
    }
    assert asked <= set(script)
    assert set(script) <= asked | {"ways", "whence"}


@pytest.mark.parametrize("text", _TEXTS)
def test_a_translation_has_the_same_blanks(text: str) -> None:
    """What the script fills in is filled in in both languages."""
    blanks = [
        {field for _, field, _, _ in string.Formatter().parse(one) if field}
        for one in (text, chinese()[text])
    ]
    assert blanks[0] == blanks[1]
