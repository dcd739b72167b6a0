"""Which pages a rule's author has chosen."""

from __future__ import annotations

import pytest

from gateway.core.errors import DocumentFault
from gateway.core.facts import TextHit, TextQuery
from gateway.core.geometry import Box
from gateway.core.pages import Pages
from tests.core.making import A4, facts

_FIVE = facts(pages=(A4,) * 5)


@pytest.mark.parametrize(
    ("written", "chosen"),
    [
        ("first", (0,)),
        ("last", (4,)),
        ("all", (0, 1, 2, 3, 4)),
        ("odd", (0, 2, 4)),
        ("even", (1, 3)),
        ("1,3-5,-2", (0, 2, 3, 4)),
        ("-3--1", (2, 3, 4)),
        ("4-2", (1, 2, 3)),
        ("last, first", (0, 4)),
        ("2,2,even", (1, 3)),
    ],
)
def test_chosen(written: str, chosen: tuple[int, ...]) -> None:
    """Words, numbers, ranges and lists choose pages once each, in the document's order."""
    assert Pages.parse(written).choose(_FIVE) == chosen


@pytest.mark.parametrize("written", ["", "0", "1-", "frist", "1;2", "1,,2", "1-2-3", "١"])
def test_no_choice(written: str) -> None:
    """What chooses no pages is refused, and the sentence shows how to write it."""
    with pytest.raises(ValueError, match="1,3-5,-2"):
        Pages.parse(written)


def test_pages_by_text() -> None:
    """Only pages with the text count, and of those only the chosen ones."""
    query = TextQuery("Total", expression=True)
    document = facts(
        pages=(A4,) * 5, hits=tuple(TextHit(query, page, Box(0, 0, 1, 1)) for page in (1, 2, 2, 4))
    )
    assert Pages("all", query).choose(document) == (1, 2, 4)
    assert Pages("even", query).choose(document) == (1,)
    with pytest.raises(DocumentFault) as fault:
        Pages("first", query).choose(document)
    assert fault.value.code == "plan.page-missing"


def test_no_even_page() -> None:
    """A document of one page has no even one, and says so."""
    with pytest.raises(DocumentFault) as fault:
        Pages.parse("even").choose(facts(pages=(A4,)))
    assert (fault.value.code, fault.value.detail) == ("plan.page-missing", "page even of 1")
