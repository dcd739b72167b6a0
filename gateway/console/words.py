"""The console's words: English in the pages themselves, Chinese in `words/*.zh.json`.

The English sentence is the key. A sentence without its Chinese is shown in English; a test sees
to it that there is none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

from gateway.core.notice_settings import Language

LANGUAGES = {Language.ENGLISH: "English", Language.CHINESE: "中文"}


@cache
def chinese() -> Mapping[str, str]:
    """Return English sentence → Chinese sentence, of all topics."""
    found: dict[str, str] = {}
    folder = resources.files("gateway.console") / "words"
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".zh.json"):
            found |= json.loads(file.read_text(encoding="utf-8"))
    return found


def say(language: Language, sentence: str) -> str:
    """Return a sentence in a language."""
    return chinese().get(sentence, sentence) if language is Language.CHINESE else sentence


def say_counted(language: Language, one: str, many: str, count: int) -> str:
    """Return the sentence for a number of things; Chinese has one for all numbers."""
    if language is Language.CHINESE:
        return say(language, many)
    return one if count == 1 else many


def noted(sentence: str) -> str:
    """Return a sentence as it is; it marks in our code what the catalogue has to hold."""
    return sentence


def language_of(wishes: Iterable[str], otherwise: Language) -> Language:
    """Return the first wish that is one of our languages; wishes as in `Accept-Language`."""
    for wish in wishes:
        for part in wish.split(","):
            tag = part.split(";")[0].strip().lower()[:2]
            if tag in tuple(Language):
                return Language(tag)
    return otherwise
