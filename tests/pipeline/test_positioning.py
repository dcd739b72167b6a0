"""Drafts of rules are tried on samples by the code that seals, and on documents of the archive."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from PIL import Image

from gateway.core.errors import UsageFault
from gateway.core.facts import TextQuery
from gateway.core.geometry import Box
from gateway.core.lengths import POINTS_PER_MILLIMETRE as MM
from gateway.pipeline.hand_placing import Wish
from gateway.pipeline.positioning import Positioning, Shown
from gateway.pipeline.rule_effects import Effects, effects
from gateway.pipeline.rule_keeping import Draft
from gateway.settings.rule_editing import RuleEdit
from gateway.settings.yaml_nodes import Value
from gateway.wiring import Site, hand_placing, open_site, positioning
from tests.e2e.pages import write_pdf
from tests.fakes.signer import TestSigner
from tests.pdf.test_placement_pixels import SHEETS, write_sheet
from tests.pipeline.site import FileSite

TURNED = next(sheet for sheet in SHEETS if sheet.rotate == 90)
CORNER: dict[str, Value] = {"corner": "bottom-right"}


class Desk:
    """An open site, and what tries drafts on it."""

    def __init__(self, files: FileSite, site: Site, folder: Path) -> None:
        self.files = files
        self.site = site
        self.positioning: Positioning = positioning(site)
        samples = self.positioning.samples
        self.plain = samples.keep(write_pdf(folder / "a.pdf", ("one", "Seal here")).read_bytes()).id
        self.turned = samples.keep(write_sheet(folder / "b.pdf", TURNED).read_bytes()).id

    def draft(self, *places: dict[str, Value]) -> Draft:
        """Return a draft of the site's one rule."""
        edit = RuleEdit(places=places or None)
        return self.positioning.keeping.draft("a.yaml", "all", edit)

    def show(self, sample: str, *places: dict[str, Value]) -> Shown:
        """Show what places do to a sample."""
        return self.positioning.show(sample, "a.pdf", self.draft(*places))

    def effects(self, draft: Draft, after: str = "", *, most: int, seconds: float) -> Effects:
        """Compare the archive as it is with a draft."""
        present, drafted = self.site.equipment.rulebook(), draft.site.rulebook
        return effects(
            self.site.equipment, present, drafted, "in", after=after, most=most, seconds=seconds
        )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Yield a site with three archived documents."""
    folder = tmp_path_factory.mktemp("positioning")
    signer = TestSigner.make()
    files = FileSite(folder / "site", signer)
    files.configure(local(files, signer))
    for name in ("first", "second", "third"):
        files.drop(name)
    swept = files.sweep()
    assert len(files.results()) == 3, swept
    site = open_site(files.root)
    yield Desk(files, site, folder)
    site.close()


def test_marks_say_which_place_put_them_there(desk: Desk) -> None:
    """Each mark has the number of its place, or of the fallback that was taken."""
    shown = desk.show(
        desk.plain,
        {"at": "text", "find": "nowhere", "fallback": CORNER},
        {"page": "all", "corner": "top-left"},
    )
    assert shown.plan is not None
    assert [(mark.asked, mark.page) for mark in shown.plan.marks] == [
        ("0.0", 1),
        ("1", 0),
        ("1", 1),
    ]
    assert shown.matched == "all"
    again = desk.show(desk.plain, {"at": "text", "find": "nowhere"})
    assert again.plan is None
    assert again.fault is not None
    assert again.fault.code == "plan.text-not-found"


@pytest.mark.parametrize(
    "place",
    [
        CORNER,
        {"x": "10mm", "y": "10mm"},
        {"edge": "left"},
        {"at": "text", "find": "nowhere", "fallback": {"corner": "top-left", "margin": "1mm"}},
    ],
    ids=str,
)
def test_a_dragged_seal_lies_where_it_was_dropped(desk: Desk, place: dict[str, Value]) -> None:
    """On a turned, cropped page too, the new words put the seal where it was dropped."""
    shown = desk.show(desk.turned, place)
    assert shown.plan is not None, shown.fault
    mark = shown.plan.mark
    box = Box(20 * MM, 12 * MM, mark.box.width, mark.box.height)
    places = desk.positioning.drag(shown, 0, mark.page, box)
    after = desk.show(desk.turned, *places)
    assert after.plan is not None, (places, after.fault)
    assert abs(after.plan.mark.box.x - box.x) < 0.13 * MM, places
    assert abs(after.plan.mark.box.y - box.y) < 0.13 * MM, places


def test_a_table_is_not_dragged(desk: Desk) -> None:
    """What comes from a table has no words of its own to change."""
    table: Value = {"by": "path", "pattern": ".", "rows": {"a": CORNER}}
    shown = desk.show(desk.plain, {"table": table})
    assert shown.plan is not None
    with pytest.raises(UsageFault) as refused:
        desk.positioning.drag(shown, 0, 0, shown.plan.mark.box)
    assert refused.value.code == "rules.cannot-edit"


def test_all_hits_are_found(desk: Desk) -> None:
    """Words are found on every page, with their boxes."""
    (hit,) = desk.positioning.hits(desk.plain, TextQuery("Seal here"))
    assert hit.page == 1
    assert hit.box.width > 0


def test_pictures(desk: Desk) -> None:
    """A page comes with and without its seals; the seal comes by itself, transparent."""
    shown = desk.show(desk.plain, {"page": "1", "corner": "center"})
    plain = _opened(desk.positioning.page(desk.plain, 0, 500))
    sealed = _opened(desk.positioning.sealed_page(desk.plain, shown, 0, 500))
    assert plain.size == sealed.size
    assert max(plain.size) == 500
    assert plain.tobytes() != sealed.tobytes()
    seal = _opened(desk.positioning.seal_picture(shown.draft, "company", 300))
    assert seal.mode == "RGBA"
    with pytest.raises(UsageFault):
        desk.positioning.seal_picture(shown.draft, "nobody", 300)


def test_the_effect_on_the_archive_is_told_in_parts(desk: Desk) -> None:
    """Each archived document is planned both ways; parts follow each other until the end."""
    found, after, looked = [], "", 0
    draft = desk.draft({"corner": "top-left"})
    while True:
        part = desk.effects(draft, after=after, most=10, seconds=0)
        found += part.changed
        looked += part.looked
        after = part.after
        assert part.total == 3
        if not after:
            break
    assert looked == 3
    assert sorted(one.source for one in found) == ["first.pdf", "second.pdf", "third.pdf"]
    assert all(one.before.marks != one.after.marks for one in found)
    same = desk.draft()
    part = desk.effects(same, most=2, seconds=60)
    assert (part.looked, part.total, part.changed, part.after) == (2, 2, (), "")


def test_an_effect_may_be_that_nothing_can_be_sealed(desk: Desk) -> None:
    """A draft that fails documents says so, with the reason."""
    draft = desk.draft({"at": "text", "find": "nowhere"})
    part = desk.effects(draft, most=1, seconds=60)
    (one,) = part.changed
    assert (one.before.fault, one.after.fault) == ("", "plan.text-not-found")


OWN = """\
inbox: in
rules:
  - {name: all, seal: company, place: {corner: bottom-right}, tickets: {own_place: true}}
"""


def test_seals_are_placed_by_hand_on_documents_that_wait(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each document gets a ticket with its hash and the places; what does not fit it is told."""
    files = desk.files
    rules = files.root / "rules" / "a.yaml"
    before = rules.read_text()
    rules.write_text(OWN)
    files.drop("waiting")
    files.drop("two")
    site = open_site(files.root)
    by_hand = hand_placing(site, positioning(site))
    inbox = files.root / "inbox" / "in"
    places: tuple[dict[str, Value], ...] = ({"x": "20mm", "y": "30mm"},)
    try:
        assert by_hand.waiting("in") == ("two.pdf", "waiting.pdf")
        wish = Wish(site.equipment.rulebook(), "all", "in", places, "user:anna")
        done = by_hand.place(wish, ("waiting.pdf", "gone.pdf"))
        assert [one.fault.code if one.fault else "" for one in done] == ["", "usage.no-file"]
        assert done[0].ticket == "waiting.pdf.yaml"
        far = replace(wish, places=({"x": "900mm", "y": "0mm"},))
        (refused,) = by_hand.place(far, ("two.pdf",))
        assert refused.fault is not None
        assert refused.fault.code == "plan.seal-off-page"
        (other,) = by_hand.place(replace(wish, rule="other"), ("two.pdf",))
        assert other.fault is not None
        assert other.fault.code == "tickets.other-rule"
        assert not (inbox / "two.pdf.yaml").exists()
        assert by_hand.waiting("in") == ("two.pdf",)
        (entry,) = site.equipment.log.entries(event="ticket.placed")
        assert entry.actor == "user:anna"
    finally:
        site.close()
    files.sweep()
    rules.write_text(before)
    (sealed,) = files.root.joinpath("outbox").rglob("waiting-sealed.pdf")
    receipt = json.loads(sealed.with_name(sealed.name + ".receipt.json").read_text())
    assert receipt["ticket"]["place"] == "own"
    assert (receipt["seal"]["place"]["x"], receipt["seal"]["place"]["y"]) == (20.0, 30.0)


def local(files: FileSite, signer: TestSigner) -> str:
    """Write the signer's key into the site; return the service that signs with it."""
    key = pkcs12.serialize_key_and_certificates(
        b"signer",
        signer.key,
        signer.certificate,
        (signer.authority.certificate,),
        serialization.BestAvailableEncryption(b"secret"),
    )
    (files.root / "secrets" / "signer.p12").write_bytes(key)
    (files.root / "secrets" / "signer.p12").chmod(0o600)
    files.secret("password", "secret")
    return "signing: {type: local, file: secrets/signer.p12, password: {file: secrets/password}}"


def _opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))
