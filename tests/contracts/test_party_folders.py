"""The contracts of `PartyFolders` and `PartyTrays`, for every implementation."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from gateway.core.errors import DocumentFault, SiteFault
from gateway.folders.party_folders import FolderOfParties
from gateway.ports import Brought, Verdict
from tests.standing_clock import StandingClock

CONTENT = b"%PDF-1.7\nfirst\n%%EOF\n"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
NOTE = b"<p>Please approve</p>"


class Parties:
    """The folders of parties, and what people do in them."""

    def __init__(self, root: Path) -> None:
        self.clock = StandingClock()
        self.root = root / "flows"
        self.folders = FolderOfParties(self.root, self.clock, quiet=2.0, largest=1000)
        self.folders.prepare("acme")
        self.document = root / "kept.pdf"
        self.document.write_bytes(CONTENT)

    def place(self, *names: str) -> Path:
        """Return a path below the party's folder."""
        return self.root.joinpath("acme", *names)

    def put(self, folder: str, name: str, content: bytes = CONTENT) -> Path:
        """Lay a file into one of its folders."""
        path = self.place(folder, name)
        path.write_bytes(content)
        return path

    def settled(self) -> tuple[Brought, ...]:
        """Return what has settled after a while."""
        self.folders.examine()
        self.clock.turn(seconds=3)
        return self.folders.examine().brought


@pytest.fixture
def parties(tmp_path: Path) -> Parties:
    """Return the folders of one party."""
    return Parties(tmp_path)


def test_laid_with_a_note_and_taken_back(parties: Parties) -> None:
    """A document lies in todo/ with its note; spoilt, it is made good; then both are gone."""
    for spoilt in (b"", b"%PDF spoilt"):
        if spoilt:
            parties.put("todo", "a.pdf", spoilt)
        parties.folders.lay("acme", "a.pdf", parties.document, SHA256, NOTE)
        assert parties.place("todo", "a.pdf").read_bytes() == CONTENT
        assert parties.place("todo", "a.html").read_bytes() == NOTE
    parties.folders.take_back("acme", "a.pdf")
    parties.folders.take_back("acme", "a.pdf")
    assert not list(parties.place("todo").iterdir())
    parties.folders.take_back("nobody", "a.pdf")


def test_taken_when_it_has_settled(parties: Parties) -> None:
    """A file that is still changing is left alone; notes of ours are nobody's act."""
    parties.put("approve", "a.pdf")
    parties.put("approve", "a.html", NOTE)
    assert parties.folders.examine().brought == ()
    parties.clock.turn(seconds=1)
    parties.put("approve", "a.pdf", CONTENT + b"more\n%%EOF\n")
    assert parties.folders.examine().brought == ()
    parties.clock.turn(seconds=3)
    (brought,) = parties.folders.examine().brought
    assert (brought.party, brought.verdict, brought.name) == ("acme", Verdict.APPROVE, "a.pdf")


@pytest.mark.parametrize("name", ["a.txt", "A.TXT", "a.pdf.txt", "a.reason"])
@pytest.mark.parametrize(
    ("text", "encoding"),
    [("too dear", "utf-8"), ("价格过高", "utf-8-sig"), ("价格过高", "gb18030"), ("不", "utf-16")],
)
def test_the_reason_beside_it(parties: Parties, name: str, text: str, encoding: str) -> None:
    """A text file of the same name is the reason, in whichever encoding it was written."""
    parties.put("reject", "a.pdf")
    parties.put("reject", name, f"{text}\r\n".encode(encoding))
    (brought,) = parties.settled()
    looked = parties.folders.look(brought)
    assert looked.why == text
    assert looked.sha256 == SHA256
    parties.folders.finish(brought)
    assert sorted(one.name for one in parties.place("done").iterdir()) == sorted(["a.pdf", name])
    assert not list(parties.place("reject").iterdir())


def test_a_rejection_waits_for_its_reason_a_while(parties: Parties) -> None:
    """Whoever moves the document before the text has ten seconds; then it counts without."""
    parties.put("reject", "a.pdf")
    assert parties.settled() == ()
    assert parties.folders.next_due() is not None
    parties.clock.turn(seconds=11)
    (brought,) = parties.folders.examine().brought
    assert parties.folders.look(brought).why == ""


def test_refused_with_a_note(parties: Parties) -> None:
    """What is refused lies in refused/ beside the reason, under a name of its own."""
    for number, content in (("", CONTENT), ("-2", CONTENT * 2), ("-2", CONTENT * 2)):
        parties.put("approve", "a.pdf", content)
        (brought,) = parties.settled()
        parties.folders.finish(brought, "It is another document.")
        assert parties.place("refused", f"a{number}.pdf").read_bytes() == content
        note = parties.place("refused", f"a{number}-refused.txt")
        assert note.read_text() == "It is another document."
    assert len(list(parties.place("refused").iterdir())) == 4, "the same bytes are one file"


def test_changed_between_looks(parties: Parties, tmp_path: Path) -> None:
    """A file that is not as it was seen is not read; nor is one that is too large."""
    path = parties.put("approve", "a.pdf")
    (brought,) = parties.settled()
    copy = tmp_path / "copy.pdf"
    assert parties.folders.look(brought, copy).sha256 == SHA256
    assert copy.read_bytes() == CONTENT
    path.unlink()
    parties.put("approve", "a.pdf", CONTENT * 2)
    with pytest.raises(FileNotFoundError):
        parties.folders.look(brought)
    parties.put("approve", "b.pdf", b"%PDF-1.7" + b"x" * 2000 + b"%%EOF")
    large = next(one for one in parties.settled() if one.name == "b.pdf")
    with pytest.raises(DocumentFault) as fault:
        parties.folders.look(large)
    assert fault.value.code == "intake.too-large"


def test_links_lead_nowhere(parties: Parties, tmp_path: Path) -> None:
    """Neither a linked file, nor a linked folder, nor a linked party is looked into."""
    outside = tmp_path / "outside"
    (outside / "approve").mkdir(parents=True)
    (outside / "approve" / "secret.pdf").write_bytes(CONTENT)
    (parties.place("approve", "a.pdf")).symlink_to(outside / "approve" / "secret.pdf")
    (parties.root / "other").symlink_to(outside)
    parties.place("reject").rmdir()
    (parties.place("reject")).symlink_to(outside / "approve")
    assert parties.settled() == ()
    parties.place("todo").rmdir()
    (parties.place("todo")).symlink_to(outside)
    with pytest.raises(SiteFault):
        parties.folders.lay("acme", "a.pdf", parties.document, SHA256, NOTE)
    assert sorted(one.name for one in outside.iterdir()) == ["approve"]


def test_handed_out_once(parties: Parties) -> None:
    """A copy at the end takes a free name, and only one however often it is asked for."""
    parties.put("done", "a.pdf", b"somebody's")
    for _ in range(2):
        path = parties.folders.hand_out("acme", "a.pdf", parties.document, SHA256)
        assert path.name == "a-2.pdf"
    assert len(list(parties.place("done").iterdir())) == 2
