"""Positioning: where a draft of a rule puts its seals on a sample, by the code that seals.

A draft goes the way of a saved rule: it is written into the text of its file, and the whole site
is loaded with that text. The rule's places are then numbered instead of being named by lines, so
that each mark tells which of them put it there: `0` is the first place, `1.0` the first fallback
of the second.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from gateway.core.admission import admit
from gateway.core.dragging import AS_IT_IS, Size, dragged, resized
from gateway.core.errors import DocumentFault, UsageFault
from gateway.core.facts import DocumentFacts, TextHit, TextQuery, Wanted
from gateway.core.geometry import Box
from gateway.core.matching import Decision, decide
from gateway.core.places import Place, PlaceTable
from gateway.core.plan import Mark, SealingPlan
from gateway.core.planning import plan
from gateway.core.registry import ArtworkKind
from gateway.core.rules import Rule, Rulebook, Seal
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.picturing import sampled
from gateway.pipeline.rule_keeping import Draft, RuleKeeping
from gateway.ports import PagePictures, Samples
from gateway.settings.place_words import at_path, in_words, with_path
from gateway.settings.yaml_nodes import Value

Words = dict[str, Value]
MOST_HITS = 500
"""Occurrences of words that are shown."""


@dataclass(frozen=True)
class Shown:
    """What a draft does to a sample."""

    draft: Draft
    rule: Rule
    """With numbered places."""
    facts: DocumentFacts
    plan: SealingPlan | None
    fault: DocumentFault | None
    """Why there is no plan."""
    matched: str
    """The rule that would seal the document in reality; empty when none would."""


@dataclass(frozen=True, eq=False)
class Positioning:
    """Tries drafts of rules on samples; spends nothing and writes no rule."""

    keeping: RuleKeeping
    equipment: Equipment
    pictures: PagePictures
    samples: Samples

    def facts(self, sample: str, wanted: Wanted) -> DocumentFacts:
        """Return what a sample's document tells; raises `DocumentFault`."""
        return _facts(self, sample, wanted)

    def show(self, sample: str, source: str, draft: Draft, *, matched: bool = False) -> Shown:
        """Place the draft's seals on a sample, called so below the inbox.

        With `matched`, not those of the draft's rule but of the rule that matches the document.

        Raises `DocumentFault` when the document cannot be read; a rule that does not fit it is
        told in the answer.
        """
        rulebook = draft.site.rulebook
        rule = rule_of(draft)
        facts = self.facts(sample, rulebook.wanted(rule.inbox))
        decision = decide(rulebook, rule.inbox, source, facts)
        name = decision.rule.name if decision.rule is not None else ""
        chosen = decision if matched else Decision(rule, decision.trace)
        try:
            admit(facts)
            made = plan(rulebook, chosen, facts, source)
        except DocumentFault as fault:
            return Shown(draft, rule, facts, None, fault, name)
        return Shown(draft, rule, facts, made, None, name)

    def drag(
        self, shown: Shown, number: int, page: int, box: Box, size: Size = AS_IT_IS
    ) -> tuple[Words, ...]:
        """Return the rule's places when the mark with this number is dragged to a box on a page.

        `box` is that of the mark, of a slice only the slice; with another `size` its centre
        counts. Raises `UsageFault` (`rules.cannot-edit`) when the place decides by itself.
        """
        if shown.plan is None or number >= len(shown.plan.marks) or page >= len(shown.facts.pages):
            raise UsageFault("rules.cannot-edit", "there is no such mark, or page")
        mark = shown.plan.marks[number]
        seal = shown.plan.seals[mark.seal]
        whole = replace(mark, page=page, box=box).whole
        place = numbered_place(shown.rule, mark.asked)
        found = mark.found.box if mark.found is not None else None
        if place is None:
            raise UsageFault("rules.cannot-edit", "a table of places is changed in its file")
        own = shown.draft.site.rulebook.seal(seal.name)
        place, whole = resized(place, whole, (own.width, own.height), size)
        moved = dragged(place, whole, shown.facts.pages[page], found)
        written = shown.draft.written.places
        words = in_words(at_path(written, mark.asked), moved)
        return with_path(written, mark.asked, words)

    def hits(self, sample: str, query: TextQuery) -> tuple[TextHit, ...]:
        """Return where words are in a sample, on all pages; raises `DocumentFault`."""
        return self.facts(sample, Wanted((query,))).hits[:MOST_HITS]

    def page(self, sample: str, page: int, longest: int) -> bytes:
        """Return a PNG of a sample's page (index from 0), so many pixels on its longer side."""
        path = self.samples.path(sample)
        with _picture() as png:
            self.pictures.draw(path, page, png, longest=longest)
            return png.read_bytes()

    def sealed_page(self, sample: str, shown: Shown, page: int, longest: int) -> bytes:
        """Return a PNG of a page with its seals, pixel by pixel as they will be.

        Raises the fault that keeps the document from being planned.
        """
        if shown.plan is None:
            raise shown.fault or UsageFault("usage.no-file")
        path = self.samples.path(sample)
        with _picture() as png, sampled(self.equipment, shown.plan) as artwork:
            self.pictures.draw_sealed(path, shown.plan, artwork, page, png, longest=longest)
            return png.read_bytes()

    def seal_picture(self, draft: Draft, name: str, longest: int) -> bytes:
        """Return a PNG of a seal, transparent where it shows nothing.

        Raises `UsageFault` (`usage.unknown-seal`).
        """
        try:
            seal = draft.site.rulebook.seal(name)
        except KeyError:
            raise UsageFault("usage.unknown-seal", name) from None
        with _picture() as png, sampled(self.equipment, alone(seal, rule_of(draft))) as artwork:
            if artwork[0].suffix == f".{ArtworkKind.PNG}":
                return artwork[0].read_bytes()
            self.pictures.draw(artwork[0], 0, png, longest=longest, paper=False)
            return png.read_bytes()


@lru_cache(maxsize=64)
def _facts(positioning: Positioning, sample: str, wanted: Wanted) -> DocumentFacts:
    """Examine a sample; its id is its hash, so what was found once stays true."""
    return positioning.equipment.documents.examine(positioning.samples.path(sample), wanted)


@contextmanager
def _picture() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="sealgate-positioning-") as folder:
        yield Path(folder) / "picture.png"


def rule_of(draft: Draft) -> Rule:
    """Return the draft's rule, its places numbered."""
    rule = _rule(draft.site.rulebook, draft)
    places = tuple(_numbered(place, str(index)) for index, place in enumerate(rule.places))
    return replace(rule, places=places)


def _rule(rulebook: Rulebook, draft: Draft) -> Rule:
    """Return the rule that stands in the draft's file."""
    for rule in rulebook.rules:
        file = Path(rule.source.rpartition(":")[0]).name
        if rule.name == draft.rule and file == draft.file:
            return rule
    raise UsageFault("rules.unknown", f"{draft.rule} in {draft.file}")


def _numbered(place: Place | PlaceTable, path: str) -> Place | PlaceTable:
    if isinstance(place, PlaceTable):
        return place
    return _numbered_place(place, path)


def _numbered_place(place: Place, path: str) -> Place:
    fallback = place.fallback
    if fallback is not None:
        fallback = tuple(
            _numbered_place(other, f"{path}.{index}") for index, other in enumerate(fallback)
        )
    return replace(place, source=path, fallback=fallback)


def numbered_place(rule: Rule, path: str) -> Place | None:
    """Return the place with a number; None for what comes from a table."""
    for entry in rule.places:
        if isinstance(entry, Place):
            for place in entry.within():
                if place.source == path:
                    return place
    return None


def alone(seal: Seal, rule: Rule) -> SealingPlan:
    """Return a plan of nothing but one seal, to have its artwork drawn."""
    mark = Mark(0, Box(0.0, 0.0, seal.width, seal.height))
    return SealingPlan(
        rule=rule.name,
        snapshot="",
        seals=(seal,),
        marks=(mark,),
        field="",
        profile=rule.profile,
        delivery=rule.delivery,
        trace=(),
    )
