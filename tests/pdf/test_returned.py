"""What parties bring back: accepted only if it is the revision sent out and one good signature."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pyhanko.sign.fields import SigFieldSpec

from gateway.core.errors import DocumentFault
from gateway.pdf.reader import ReaderDocuments
from gateway.ports.returning import Awaited, Returned
from tests.e2e.pages import write_pdf
from tests.pdf import tampering
from tests.pdf.conftest import Key
from tests.pdf.making import BOX, add_fields, sign
from tests.pdf.parties import Holder, sign_outside


@dataclass
class Desk:
    """Where a document was sent out and comes back."""

    reader: ReaderDocuments
    sent: Path
    authority: Holder
    partner: Holder
    awaited: Awaited

    @property
    def returned(self) -> Path:
        """Return where the party's file lies."""
        return self.sent.with_name("returned.pdf")

    def check(self, path: Path | None = None, **other: object) -> Returned:
        """Judge what came back."""
        awaited = replace(self.awaited, **other)  # type: ignore[arg-type]
        return self.reader.check_return(self.sent, path or self.returned, awaited)

    def refusal(self, path: Path | None = None, **other: object) -> DocumentFault:
        """Return why it is refused."""
        with pytest.raises(DocumentFault) as caught:
            self.check(path, **other)
        return caught.value


@pytest.fixture(scope="module")
def authority() -> Holder:
    """Return the partner's authority."""
    return Holder.authority("Partner CA")


@pytest.fixture(scope="module")
def partner(authority: Holder) -> Holder:
    """Return the partner."""
    return authority.issue("Partner")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, key: Key) -> Path:
    """Make a contract with two fields, signed by the first party."""
    path = write_pdf(tmp_path_factory.mktemp("contract") / "sent.pdf", ("Contract", "Terms"))
    add_fields(path, SigFieldSpec("Partner", box=BOX), SigFieldSpec("Third"))
    tampering.add_text_field(path)
    return sign(path, key, "First", box=(50, 100, 250, 200))


@pytest.fixture
def desk(
    reader: ReaderDocuments, tmp_path: Path, original: Path, authority: Holder, partner: Holder
) -> Desk:
    """Return a desk at which a copy of the contract was sent out."""
    sent = tmp_path / "sent.pdf"
    sent.write_bytes(original.read_bytes())
    awaited = Awaited(partner.expected, (), "Partner", ("Third",))
    return Desk(reader, sent, authority, partner, awaited)


def test_accepted(desk: Desk) -> None:
    """A signature by the expected certificate in the prepared field is accepted and described."""
    sign_outside(desk.sent, desk.returned, desk.partner)
    found = desk.check()
    assert (found.signer, found.field, found.level) == ("Partner", "Partner", "B-B")
    assert found.fingerprint == desk.partner.fingerprint


def signed(desk: Desk, **options: object) -> Path:
    """Sign as the partner should, or with something that it should not do."""
    return sign_outside(desk.sent, desk.returned, desk.partner, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (tampering.other_content, "outside.changed"),
        (tampering.swapped_content, "outside.changed"),
        (tampering.orphan, "outside.changed"),
        (tampering.annotation, "outside.changed"),
        (tampering.filled_in, "outside.changed"),
        (tampering.script, "outside.changed"),
        (tampering.moved("Partner"), "outside.changed"),
        (tampering.moved("First"), "outside.changed"),
        (tampering.emptied("First"), "outside.signature-removed"),
    ],
)
@pytest.mark.parametrize("when", ["before", "within", "after"])
def test_more_than_signed(desk: Desk, change: tampering.Change, code: str, when: str) -> None:
    """Whatever else is done, before, with or after signing, is refused."""
    if when == "within":
        signed(desk, change=change)
    else:
        changed = desk.sent.with_name("changed.pdf")
        changed.write_bytes(desk.sent.read_bytes())
        if when == "before":
            tampering.updated(changed, change)
            sign_outside(changed, desk.returned, desk.partner)
        else:
            signed(desk)
            tampering.updated(desk.returned, change)
    assert desk.refusal().code == code


def test_form_drawn_anew(desk: Desk) -> None:
    """After signing, nobody may ask viewers to draw the form's fields by themselves."""
    tampering.updated(signed(desk), tampering.drawn_anew)
    assert desk.refusal().code == "outside.changed"
