"""Words of tickets and texts in names and folders."""

from __future__ import annotations

import pytest

from gateway.core.destinations import LONGEST_WORD, as_folder, destined, words_in
from gateway.core.errors import DocumentFault
from gateway.core.facts import DocumentFacts, TextHit, TextQuery
from gateway.core.geometry import Box
from gateway.core.names import result_folder, result_name
from gateway.core.rules import Delivery
from gateway.core.tickets import Ticket

FIND = r"Invoice No\. (\S+)"
HOSTILE = (
    "../../etc",
    "..",
    ".",
    ".hidden",
    "a/b",
    "a\\b",
    "{job}",
    "{stem}{n}",
    "con",
    "x. ",
    "\x00\x1f",
    "盖" * 400,
    "a\nb",
    '<>:"|?*',
    "\udcff",
)


def _facts(*found: str) -> DocumentFacts:
    query, box = TextQuery(FIND, expression=True), Box(0, 0, 1, 1)
    return DocumentFacts(1, (), hits=tuple(TextHit(query, 0, box, text) for text in found))


def test_words_are_filled_in() -> None:
    """Ticket and text fill names and folders; what belongs to the claim stays."""
    rule = Delivery("to/{recipient}", "{found}-{stem}{n}.pdf", also=("all/{year}",), find=FIND)
    result = destined(rule, Ticket(recipient="legal"), _facts("A-7", "B-8"))
    assert result.folder == "to/legal"
    assert result.name == "A-7-{stem}{n}.pdf"
    assert result.also == ("all/{year}",)


def test_nothing_asked_for_changes_nothing() -> None:
    """A delivery without words is the rule's own."""
    rule = Delivery("to", "{stem}.pdf", also=("x",))
    assert destined(rule, Ticket(reference="7"), _facts("A")) is rule


@pytest.mark.parametrize("ticket", [None, Ticket(recipient="legal"), Ticket(reference=" ")])
def test_a_missing_word_fails_the_document(ticket: Ticket | None) -> None:
    """Without the word, and without anything in its place, nothing is guessed."""
    with pytest.raises(DocumentFault) as refusal:
        destined(Delivery(name="{reference}-{stem}.pdf"), ticket, _facts())
    assert refusal.value.code == "deliver.word-missing"
    assert "{reference}" in str(refusal.value)


@pytest.mark.parametrize("found", [(), ("",), ("  ",)])
def test_otherwise(found: tuple[str, ...]) -> None:
    """What the rule says instead stands where the text has nothing."""
    rule = Delivery(name="{found}-{stem}.pdf", find=FIND, otherwise="unknown")
    assert destined(rule, None, _facts(*found)).name == "unknown-{stem}.pdf"


def test_copies_that_would_meet_the_result_are_left_out() -> None:
    """A folder that turns out to be the result's own gets it once."""
    rule = Delivery("to/{recipient}", also=("to/{reference}", "to/{recipient}", "to/legal"))
    result = destined(rule, Ticket(recipient="legal", reference="7"), _facts())
    assert (result.folder, result.also) == ("to/legal", ("to/7",))


@pytest.mark.parametrize("word", HOSTILE)
def test_no_word_leaves_its_place(word: str) -> None:
    """Whatever a word is, it is a part of a name or one visible folder."""
    rule = Delivery("to/{reference}/x", "{reference}-{stem}.pdf", otherwise="none")
    result = destined(rule, Ticket(reference=word), _facts())
    to, folder, x = result_folder(result.folder, "in", "a.pdf").split("/")
    assert (to, x) == ("to", "x")
    assert folder not in ("", ".", "..")
    assert not folder.startswith((".", " "))
    assert len(folder.encode()) <= LONGEST_WORD
    name = result_name(result.name, "a.pdf", "rule", "seal", 1)
    assert name.endswith("-a.pdf")
    assert "/" not in name
    assert words_in(result.name) == frozenset()
    assert not {"{", "}"} & set(name)


@pytest.mark.parametrize(
    ("part", "folder"),
    [("legal", "legal"), ("..", "__"), (". x", "__x"), ("NUL", "NUL_"), ("a.", "a_"), ("", "_")],
)
def test_folders_anywhere(part: str, folder: str) -> None:
    """What a share or Windows could not hold becomes something it can."""
    assert as_folder(part) == folder
