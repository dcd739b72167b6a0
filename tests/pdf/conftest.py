"""A signer with a key of its own, so that the pdf room is tested without any service."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from PIL import Image, ImageDraw

from gateway.core.facts import DocumentFacts
from gateway.core.matching import decide
from gateway.core.places import Place, PlaceTable
from gateway.core.plan import SealingPlan
from gateway.core.planning import plan
from gateway.core.rules import Keep, Profile, Rule, Rulebook, Seal
from gateway.core.site import Limits
from gateway.pdf.reader import ReaderDocuments
from gateway.ports import Credential, Expectation, SignatureReport, Signer
from tests.pdf.rendering import draw_quadrants

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
SEAL = Seal("test-seal", "0" * 64, 113.4, 85.05, "nowhere")
SMALL = Seal("small-seal", "1" * 64, 37.8, 28.35, "nowhere")
EVEN = Seal("even-seal", "2" * 64, 120.0, 90.0, "nowhere")
"""Of whole points, and so are its halves, thirds and fifths."""
Placed = Place | tuple[Place | PlaceTable, ...]


@dataclass(frozen=True)
class Key:
    """A key pair with a self-signed certificate."""

    private: PrivateKey
    certificate: bytes

    @property
    def signer(self) -> Signer:
        """Return the signer as the pdf room is told of it."""
        algorithm = "ecdsa" if isinstance(self.private, ec.EllipticCurvePrivateKey) else ""
        credential = Credential(
            "test", (self.certificate,), algorithm or "rsassa_pkcs1v15", "sha256"
        )
        return Signer(credential, (self.certificate,))

    def sign(self, digest: bytes) -> bytes:
        """Sign a SHA-256 digest as a service would."""
        assert not isinstance(self.private, ed25519.Ed25519PrivateKey)
        hashed = utils.Prehashed(hashes.SHA256())
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            return self.private.sign(digest, ec.ECDSA(hashed))
        return self.private.sign(digest, padding.PKCS1v15(), hashed)


def make_key(private: PrivateKey, name: str) -> Key:
    """Certify a key by itself, fit for signing."""
    hashed = None if isinstance(private, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    usage = x509.KeyUsage(True, True, False, False, False, True, True, False, False)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.BasicConstraints(True, None), True)
        .add_extension(usage, True)
        .sign(private, hashed)
    )
    return Key(private, certificate.public_bytes(serialization.Encoding.DER))


@pytest.fixture(scope="session")
def key() -> Key:
    """Return an RSA key."""
    return make_key(rsa.generate_private_key(65537, 2048), "Test RSA")


@pytest.fixture(scope="session")
def elliptic_key() -> Key:
    """Return a P-256 key."""
    return make_key(ec.generate_private_key(ec.SECP256R1()), "Test EC")


@pytest.fixture(scope="session")
def reader() -> Iterator[ReaderDocuments]:
    """Return a pool of reader processes."""
    documents = ReaderDocuments(Limits())
    yield documents
    documents.close()


@pytest.fixture(scope="session")
def artwork(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Draw a seal with a clear top: an upright arrow."""
    picture = Image.new("RGBA", (400, 300))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, 399, 299), outline=(200, 0, 0, 255), width=8)
    pen.polygon(((200, 20), (100, 150), (300, 150)), fill=(200, 0, 0, 255))
    path = tmp_path_factory.mktemp("artwork") / "seal.png"
    picture.save(path)
    return path


@pytest.fixture(scope="session")
def quadrants(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Draw artwork that shows whether it is upright."""
    return draw_quadrants(tmp_path_factory.mktemp("quadrants") / "quadrants.png")


class Bench:
    """Seals a document from examination to release gate, without ledger or service."""

    def __init__(self, reader: ReaderDocuments, artwork: Path, folder: Path) -> None:
        self.reader = reader
        self.artwork = artwork
        self.folder = folder
        self.keep: tuple[Keep, ...] = ()
        """Claims on which the rule insists."""
        self.own = SEAL
        """The seal that signs."""

    def plan(self, facts: DocumentFacts, place: Placed, profile: Profile) -> SealingPlan:
        """Plan with one rule that always matches."""
        rulebook = _rulebook(place, profile, self.keep, self.own)
        return plan(rulebook, decide(rulebook, "i", "x.pdf", facts), facts, "x.pdf")

    def seal(
        self, original: Path, key: Key, place: Placed = Place(), profile: Profile = Profile()
    ) -> tuple[Path, SealingPlan, tuple[SignatureReport, ...]]:
        """Seal and release; return the result, its plan and the gate's reports."""
        facts = self.reader.examine(original, _rulebook(place, profile).wanted("i"))
        decided = self.plan(facts, place, profile)
        draft = self.folder / f"{original.stem}.prepared"
        artwork = (self.artwork,) * len(decided.seals)
        prepared = self.reader.prepare(original, draft, decided, artwork, key.signer)
        sealed = self.folder / f"{original.stem}.sealed.pdf"
        signature = key.sign(prepared.digest)
        self.reader.embed(draft, sealed, prepared.seam, signature, None)
        expected = Expectation(original, decided, key.certificate)
        reports = self.reader.verify(sealed, (key.certificate,), expected)
        return sealed, decided, reports


def _rulebook(
    place: Placed, profile: Profile, keep: tuple[Keep, ...] = (), own: Seal = SEAL
) -> Rulebook:
    places = place if isinstance(place, tuple) else (place,)
    rule = Rule("r", "i", own.name, places, profile=profile, keep=keep)
    return Rulebook("0" * 64, (rule,), (SEAL, SMALL, EVEN))


@pytest.fixture
def bench(reader: ReaderDocuments, artwork: Path, tmp_path: Path) -> Bench:
    """Return a bench with a folder of its own."""
    return Bench(reader, artwork, tmp_path)
