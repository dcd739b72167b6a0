"""Where a result goes, once its words are known: those of its ticket and of its text.

Words come from people who are not trusted. Whatever they are, they stay inside the one part of
a path in which the rule's author put them, and no placeholder is read out of them.
"""

from __future__ import annotations

import re
from dataclasses import replace

from gateway.core.errors import DocumentFault
from gateway.core.facts import DocumentFacts, TextQuery
from gateway.core.names import display, for_windows, safe, shorten
from gateway.core.rules import Delivery
from gateway.core.tickets import Ticket

WORDS = ("reference", "recipient", "found")
"""Placeholders that a document's ticket or text fills."""
LONGEST_WORD = 100
"""Bytes that a word may add to a name."""
_PLACEHOLDER = re.compile(r"\{(reference|recipient|found)\}")
_BRACES = str.maketrans("{}", "__")


def words_in(template: str) -> frozenset[str]:
    """Return which words a name or folder asks for."""
    return frozenset(_PLACEHOLDER.findall(template))


def destined(delivery: Delivery, ticket: Ticket | None, facts: DocumentFacts) -> Delivery:
    """Fill a delivery's words in; placeholders of the claim stay until it is delivered.

    Raises `DocumentFault` (`deliver.word-missing`) when a word is asked for that is not there
    and the rule says nothing instead.
    """
    templates = (delivery.folder, delivery.name, *delivery.also)
    asked = frozenset[str]().union(*map(words_in, templates))
    if not asked:
        return delivery
    values = {word: _value(word, delivery, ticket, facts) for word in sorted(asked)}
    folder = _folder(delivery.folder, values)
    also = dict.fromkeys(_folder(one, values) for one in delivery.also)
    return replace(
        delivery,
        name=_filled(delivery.name, values),
        folder=folder,
        also=tuple(one for one in also if one != folder),
    )


def as_folder(part: str) -> str:
    """Return a name that a folder can have anywhere and that nobody takes for a hidden one."""
    visible = re.sub(r"^[. ]+", lambda found: "_" * len(found[0]), part)
    return for_windows(shorten(visible, "")) or "_"


def _value(word: str, delivery: Delivery, ticket: Ticket | None, facts: DocumentFacts) -> str:
    if word == "found":
        value = _found(delivery.find, facts)
    else:
        value = getattr(ticket, word) if ticket is not None else ""
    value = " ".join(display(value).split()) or delivery.otherwise
    if not value:
        raise DocumentFault("deliver.word-missing", f"{{{word}}}")
    return shorten(safe(value).translate(_BRACES), "", LONGEST_WORD)


def _found(expression: str, facts: DocumentFacts) -> str:
    """Return what the rule's expression finds first, in the order of the pages."""
    query = TextQuery(expression, expression=True)
    return next((hit.text for hit in facts.hits if hit.query == query and hit.text.strip()), "")


def _folder(template: str, values: dict[str, str]) -> str:
    parts = template.split("/")
    return "/".join(as_folder(_filled(one, values)) if words_in(one) else one for one in parts)


def _filled(template: str, values: dict[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values[found[1]], template)
