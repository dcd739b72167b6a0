"""Words in a rule's names and folders: known, and filled by somebody."""

from __future__ import annotations

import pytest

from gateway.core.destinations import words_in
from tests.settings.conftest import RULES, Configuration


def _rules(deliver: str, tickets: str = "") -> str:
    more = f"    tickets: {tickets}\n" if tickets else ""
    return f"{RULES}{more}    deliver: {deliver}\n"


@pytest.mark.parametrize(
    ("deliver", "tickets"),
    [
        ('{name: "{reference}-{stem}.pdf"}', "{reference: '.+'}"),
        ('{outbox: "to/{recipient}", also: ["all/{year}/{rule}"]}', "{recipients: [a]}"),
        ('{outbox: "{found}", find: "No (.+)", otherwise: none}', ""),
    ],
)
def test_words_that_somebody_fills(
    configuration: Configuration, deliver: str, tickets: str
) -> None:
    """A word is accepted where ticket or text can tell it."""
    configuration.write("rules/a.yaml", _rules(deliver, tickets))
    (rule,) = configuration.load().rulebook.rules
    assert words_in("".join((rule.delivery.folder, rule.delivery.name, *rule.delivery.also)))


@pytest.mark.parametrize(
    ("deliver", "what"),
    [
        ('{name: "{reference}-{stem}.pdf"}', "Nothing tells what {reference}"),
        ('{outbox: "to/{recipient}"}', "Nothing tells what {recipient}"),
        ('{also: ["{found}"]}', "Nothing tells what {found}"),
        ('{find: "x"}', "goes nowhere"),
        ('{outbox: "{stem}"}', "{stem} cannot stand in a folder"),
        ('{outbox: "{found}", find: "x", otherwise: ".."}', "Write a name that a file"),
    ],
)
def test_words_of_nobody(configuration: Configuration, deliver: str, what: str) -> None:
    """A word that nobody could ever fill is a mistake, told before any document comes."""
    configuration.write("rules/a.yaml", _rules(deliver))
    (problem,) = configuration.problems()
    assert what in f"{problem.message} {problem.remedy}"
    assert problem.line == 6
