"""The catalogue: every sentence has its Chinese."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import gateway.console
from gateway.console.pages import Pages
from gateway.console.words import chinese

ROOT = Path(gateway.console.__file__).parent
_FORBIDDEN = re.compile(
    r"<style|\sstyle=|\son\w+=|<script(?! (type=.module. )?src=)|\|safe|javascript:"
)
_HOLE = re.compile(r"%\(\w+\)[sd]")


def _in_templates() -> set[str]:
    environment = Pages({}, "")._environments
    one = next(iter(environment.values()))
    found: set[str] = set()
    for file in sorted((ROOT / "templates").rglob("*.html")):
        for _, function, message in one.extract_translations(file.read_text()):  # type: ignore[attr-defined]
            assert function in ("_", "gettext", "ngettext"), file
            parts = (message,) if isinstance(message, str) else message
            found.add(parts[1] if function == "ngettext" else parts[0])
    return found


def _in_code() -> set[str]:
    found: set[str] = set()
    for file in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "noted":
                found.add(ast.literal_eval(node.args[0]))
    return found


def test_every_sentence_has_its_chinese() -> None:
    """Nothing that a page says is missing in Chinese, and no hole is lost in it."""
    said = _in_templates() | _in_code()
    assert sorted(said - chinese().keys()) == []
    for sentence in sorted(said):
        assert sorted(_HOLE.findall(chinese()[sentence])) == sorted(_HOLE.findall(sentence))


def test_no_chinese_is_without_its_sentence() -> None:
    """The catalogue holds nothing that no page says, and nothing twice."""
    said = _in_templates() | _in_code()
    assert sorted(chinese().keys() - said) == []
    keys = [
        key
        for file in sorted((ROOT / "words").glob("*.json"))
        for key, _ in json.loads(file.read_text(), object_pairs_hook=lambda pairs: pairs)
    ]
    assert sorted({key for key in keys if keys.count(key) > 1}) == []


def test_templates_have_no_inline_script_or_style() -> None:
    """What the policy forbids is in no template."""
    for file in sorted((ROOT / "templates").rglob("*.html")):
        text = file.read_text()
        assert _FORBIDDEN.search(text) is None, file
