"""What was drawn before it was signed is drawn again whenever its bytes are not shown to be it."""

from __future__ import annotations

import hashlib
import random
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyhanko.sign.general import byte_range_digest

from gateway.core.errors import DocumentFault
from gateway.core.facts import NOTHING
from gateway.core.places import Place
from gateway.core.plan import SealingPlan
from gateway.core.rules import Profile
from gateway.pdf import embedded
from gateway.pdf import verify as gate
from gateway.pdf.facts import examine
from gateway.pdf.pictures import compare
from gateway.pdf.sealing import embed, prepare
from gateway.pdf.seam import Seam, digest_to_sign
from gateway.ports import Expectation
from tests.e2e.pages import write_pdf
from tests.pdf.conftest import Bench, Key
from tests.pdf.tampering import annotation, updated

FLIPS = 200
"""Bytes of a prepared file that are changed, one at a time."""


@dataclass
class Sealed:
    """A sealed document, and what is known of how it was made."""

    original: Path
    prepared: Path
    path: Path
    plan: SealingPlan
    seam: bytes
    key: Key
    drawn: list[Path]
    """The files that the gate has drawn."""

    @property
    def hole(self) -> slice:
        """Return where the value of the signature is."""
        seam = Seam.model_validate_json(self.seam)
        return slice(seam.hole_start, seam.hole_end)

    def judge(self, seam: bytes | None = None) -> None:
        """Let the gate judge the file as it is now."""
        known = self.seam if seam is None else seam
        expected = Expectation(self.original, self.plan, self.key.certificate, known)
        gate.verify(self.path, (self.key.certificate,), expected)

    def sign(self, prepared: bytes, covered: tuple[int, int, int, int] | None = None) -> None:
        """Sign another prepared file with the right key, hole at the same place."""
        hole = self.hole
        start, size, again, rest = covered or (0, hole.start, hole.stop, len(prepared) - hole.stop)
        content = prepared[start : start + size] + prepared[again : again + rest]
        digest = hashlib.sha256(content).digest()
        seam = Seam.model_validate_json(self.seam)
        attributes = seam.attributes.replace(seam.document_digest, digest)
        other = seam.model_copy(update={"document_digest": digest, "attributes": attributes})
        value = self.key.sign(digest_to_sign(other))
        self.prepared.write_bytes(prepared)
        embed(self.prepared, self.path, other.model_dump_json().encode(), value, None)

    def refusal(self) -> str:
        """Return the code with which the gate refuses the file as it is now."""
        with pytest.raises(DocumentFault) as refused:
            self.judge()
        return refused.value.code


@pytest.fixture
def sealed(bench: Bench, key: Key, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sealed:
    """Seal a page in this process, and note what the gate draws."""
    original = write_pdf(tmp_path / "o.pdf", ("Words",))
    plan = bench.plan(examine(original, NOTHING), Place(), Profile())
    prepared, path, drawn = tmp_path / "prepared.pdf", tmp_path / "sealed.pdf", list[Path]()
    made = prepare(original, prepared, plan, (bench.artwork,), key.signer)
    embed(prepared, path, made.seam, key.sign(made.digest), None)

    def noted(before: Path, after: Path, *more: object) -> None:
        drawn.append(after)
        compare(before, after, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(gate, "compare", noted)
    return Sealed(original, prepared, path, plan, made.seam, key, drawn)


def test_same_bytes_are_not_drawn_again(sealed: Sealed) -> None:
    """A file that is the prepared one with a value in its hole is let pass as it is."""
    sealed.judge()
    assert not sealed.drawn


def test_file_is_hashed_once(sealed: Sealed, monkeypatch: pytest.MonkeyPatch) -> None:
    """That the bytes are the same is known by the digest that the signature is validated with."""
    hashed = []

    def noted(*arguments: object, **more: object) -> object:
        hashed.append(arguments)
        return byte_range_digest(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(embedded, "byte_range_digest", noted)
    sealed.judge()
    assert len(hashed) == 1


def test_without_a_record_pages_are_drawn(sealed: Sealed) -> None:
    """What no record says to have been compared is compared; so is what a record cannot be of."""
    seam = Seam.model_validate_json(sealed.seam)
    other = seam.model_copy(update={"document_digest": bytes(32)})
    moved = seam.model_copy(update={"hole_start": seam.hole_start - 1})
    shorter = seam.model_copy(update={"hole_end": seam.hole_end - 2})
    weak = seam.model_copy(update={"digest_algorithm": "sha1"})
    for record in (other, moved, shorter, weak):
        sealed.judge(record.model_dump_json().encode())
    for text in (b"", b"{}", b"no record"):
        sealed.judge(text)
    assert sealed.drawn == [sealed.path] * 7


def test_no_byte_may_differ(sealed: Sealed) -> None:
    """Any other byte around the hole is refused, although a record says that pages are the same."""
    data, chance = sealed.path.read_bytes(), random.Random(8)  # no secret
    around = [*range(sealed.hole.start), *range(sealed.hole.stop, len(data))]
    ends = [0, sealed.hole.start - 1, sealed.hole.stop, len(data) - 1]
    for at in [*ends, *chance.sample(around, FLIPS)]:
        changed = bytearray(data)
        changed[at] ^= 1 << chance.randrange(8)
        sealed.path.write_bytes(changed)
        assert sealed.refusal()


def test_other_file_with_the_record_of_this_one(sealed: Sealed) -> None:
    """A file that was made differently, and rightly signed, is drawn and refused."""
    data, size = sealed.prepared.read_bytes(), sealed.original.stat().st_size
    sealed.sign(data)
    sealed.judge()
    assert not sealed.drawn
    update = data[size:].replace(b"/Contents 5 0 R", b"/Contents 3 0 R")
    sealed.sign(data[:size] + update)
    assert sealed.refusal() == "gate.page-changed"
    assert sealed.drawn == [sealed.path]


def test_signature_that_covers_other_bytes(sealed: Sealed) -> None:
    """A signature that leaves out more than its hole, or less of it, is refused."""
    data, hole = sealed.prepared.read_bytes(), sealed.hole
    rest = len(data) - hole.stop
    for covered in (
        (0, hole.start, hole.stop + 9, rest - 9),
        (0, hole.start - 9, hole.stop, rest),
        (0, hole.start - 9, hole.stop - 9, rest + 9),
        (0, hole.start, hole.stop, rest - 9),
        (5, hole.start - 5, hole.stop, rest),
    ):
        words = b"/ByteRange [%d %d %d %d]" % covered
        other = re.sub(
            rb"/ByteRange \[[^]]*\] *",
            lambda found, words=words: words.ljust(len(found[0])),
            data,
        )
        assert len(other) == len(data)
        sealed.sign(other, covered)
        assert sealed.refusal() == "gate.signature-invalid"
    assert not sealed.drawn


HOLES = {
    "another object": b"> endobj 4 0 obj << >> endobj <",
    "another entry": b"> /Contents 5 0 R /X <",
    "blanks": b" " * 10,
    "a comment": b"%00000000\n",
    "no digits": b"zz" * 5,
    "half a digit": b"0" * 9 + b" ",
}


@pytest.mark.parametrize("name", sorted(HOLES))
def test_hole_with_something_else(sealed: Sealed, name: str) -> None:
    """What is no digit of the signature's value has no place in its hole."""
    data, words = bytearray(sealed.path.read_bytes()), HOLES[name]
    end = sealed.hole.stop - 1
    data[end - len(words) : end] = words
    sealed.path.write_bytes(data)
    assert sealed.refusal() in ("gate.signature-invalid", "pdf.unreadable")
    assert not sealed.drawn


def test_something_behind_the_signature(sealed: Sealed) -> None:
    """A revision that nobody signed is refused, and so are bytes that are none."""
    data = sealed.path.read_bytes()
    updated(sealed.path, annotation)
    assert sealed.refusal() == "gate.signature-invalid"
    sealed.path.write_bytes(data + b"\n% more\n")
    assert sealed.refusal() == "gate.signature-invalid"


def test_other_original(sealed: Sealed) -> None:
    """A record says nothing about another original."""
    write_pdf(sealed.original, ("Other",))
    assert sealed.refusal() == "gate.original-changed"
