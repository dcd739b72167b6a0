"""From a rule's parsed block `deliver:` to where its results go."""

from __future__ import annotations

from gateway.core.destinations import words_in
from gateway.core.rules import Collisions, Delivery, Structure
from gateway.settings.parsing import Notes
from gateway.settings.rule_models import RulePart
from gateway.settings.yaml_file import Location


def build_delivery(notes: Notes, here: Location, rule: RulePart, inbox: str) -> Delivery:
    """Build a rule's delivery; look at the notes before using it."""
    part = rule.deliver
    taken = {part.outbox or inbox}
    for index, folder in enumerate(part.also):
        if folder in taken:
            what = f"The folder {folder} gets the result already."
            notes.add((*here, "also", index), "settings.wrong-value", what, "Leave it out here.")
        taken.add(folder)
    _check_words(notes, here, rule)
    return Delivery(
        folder=part.outbox or "",
        name=part.name,
        collisions=Collisions(part.collisions),
        structure=Structure(part.structure),
        also=part.also,
        find=part.find or "",
        otherwise=part.otherwise or "",
    )


def _check_words(notes: Notes, here: Location, rule: RulePart) -> None:
    """Note a word that nobody could ever fill in, and an expression that nobody asks for."""
    part, tickets = rule.deliver, rule.tickets
    written = [
        ((*here, "outbox"), part.outbox or ""),
        ((*here, "name"), part.name),
        *(((*here, "also", index), folder) for index, folder in enumerate(part.also)),
    ]
    missing = {
        "found": ("find: REGULAR EXPRESSION to deliver:", part.find is None),
        "reference": (
            "reference: REGULAR EXPRESSION to tickets:",
            tickets is None or tickets.reference is None,
        ),
        "recipient": ("recipients: to tickets:", tickets is None or not tickets.recipients),
    }
    for where, template in written:
        for word in sorted(words_in(template)):
            remedy, nobody = missing[word]
            if nobody:
                what = f"Nothing tells what {{{word}}} stands for."
                notes.add(where, "settings.missing-key", what, f"Add {remedy} of this rule.")
    if part.find is not None and not any("found" in words_in(text) for _, text in written):
        what = "What this finds goes nowhere."
        remedy = "Write {found} in name, outbox or also, or leave find: out."
        notes.add((*here, "find"), "settings.wrong-value", what, remedy)
