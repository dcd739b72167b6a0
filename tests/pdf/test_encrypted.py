"""Encrypted documents, made and judged by qpdf and pdfsig."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from asn1crypto import x509
from pyhanko.pdf_utils.crypt.pubkey import RecipientEncryptionPolicy
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign.fields import (
    FieldMDPAction,
    FieldMDPSpec,
    SigCertConstraintFlags,
    SigCertConstraints,
    SigFieldSpec,
    SigSeedSubFilter,
    SigSeedValFlags,
    SigSeedValueSpec,
)

from gateway.core.errors import DocumentFault
from gateway.core.facts import TextQuery, Wanted
from gateway.core.places import AtCorner, Corner, IntoField, Place
from gateway.core.profile import Commitment, FieldLock, LockAction
from gateway.core.rules import Certify, Profile
from gateway.core.secret import Secret
from gateway.core.site import Limits
from gateway.pdf.reader import ReaderDocuments
from tests.e2e.pages import write_pdf
from tests.pdf.conftest import Bench, Key
from tests.pdf.making import BOX, add_fields, judged_by_pdfsig, refusal
from tests.pdf.test_sealing import red_box

USER, OWNER = "user-wörd", "owner-word"
METHODS = {
    "RC4-40": ("40",),
    "RC4-128": ("128", "--use-aes=n"),
    "AES-128": ("128", "--use-aes=y"),
    "AES-256": ("256",),
}
_ANY_USAGE = RecipientEncryptionPolicy(ignore_key_usage=True)
WEAK = "--allow-weak-crypto"


@pytest.fixture(scope="module")
def knowing() -> Iterator[ReaderDocuments]:
    """Return readers that know a wrong password, the user's and the owner's."""
    words = tuple(
        Secret(f"number-{number}", word)
        for number, word in enumerate(("wrong", "盖章" * 30, USER, OWNER))
    )
    documents = ReaderDocuments(Limits(readers=1), words)
    yield documents
    documents.close()


@pytest.fixture
def safe(knowing: ReaderDocuments, artwork: Path, tmp_path: Path) -> Bench:
    """Return a bench whose readers know the passwords."""
    return Bench(knowing, artwork, tmp_path)


def encrypt(
    original: Path, method: str, user: str = USER, owner: str = OWNER, *limits: str
) -> Path:
    """Let qpdf encrypt a document."""
    result = original.with_suffix(f".{method}.pdf")
    options = (*METHODS[method], *limits)
    command = ("qpdf", WEAK, "--encrypt", user, owner, *options, "--", original, result)
    subprocess.run(command, check=True)
    return result


def as_argument(password: str, method: str) -> bytes:
    """Return a password as pdfsig takes it: in the encoding that the encryption knows."""
    return password.encode("utf-8" if method == "AES-256" else "latin-1")


def checked_by_qpdf(pdf: Path, password: str) -> str:
    """Let qpdf check a file with its password; return how it says that it is encrypted."""
    check = ("qpdf", f"--password={password}", "--check", pdf)
    done = subprocess.run(check, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    show = ("qpdf", f"--password={password}", "--show-encryption", pdf)
    told = subprocess.run(show, capture_output=True, text=True, errors="replace", check=True).stdout
    return "\n".join(line for line in told.splitlines() if "password" not in line)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("known", ["user", "owner"])
def test_stays_encrypted(safe: Bench, key: Key, tmp_path: Path, method: str, known: str) -> None:
    """A document that a password of the site opens is sealed, and stays as encrypted as it was."""
    plain = write_pdf(tmp_path / "e.pdf", ("Inner",), title="Hidden")
    words = ("somebody", OWNER) if known == "owner" else (USER, "somebody")
    password = OWNER if known == "owner" else USER
    original = encrypt(plain, method, *words)
    query = TextQuery("Inner", expression=True)
    facts = safe.reader.examine(original, Wanted((query,)))
    assert (facts.metadata[-1], facts.pages_with(query)) == (("Title", "Hidden"), (0,))
    sealed, _, reports = safe.seal(original, key, profile=Profile(reason="Approved"))
    assert reports[0].good
    assert checked_by_qpdf(sealed, password) == checked_by_qpdf(original, password)
    option = "-upw" if known == "user" else "-opw"
    assert judged_by_pdfsig(sealed, option, as_argument(password, method)) == [
        "Signature is Valid."
    ]
    assert judged_by_pdfsig(sealed) == []
    assert b"Approved" not in sealed.read_bytes()
    opened = tmp_path / "opened.pdf"
    command = ("qpdf", WEAK, f"--password={password}", "--decrypt", sealed, opened)
    subprocess.run(command, check=True)
    red_box(opened)


@pytest.mark.parametrize("method", METHODS)
def test_no_password_fits(bench: Bench, key: Key, tmp_path: Path, method: str) -> None:
    """Without its password an encrypted document fails, unpaid."""
    original = encrypt(write_pdf(tmp_path / "n.pdf"), method)
    fault = refusal(bench, key, original)
    assert (fault.code, fault.detail) == ("pdf.encrypted", "no password of this site opens it")


def test_user_may_not_change(safe: Bench, key: Key, tmp_path: Path) -> None:
    """The user's password without the right to change is not enough; the owner's is."""
    limits = ("--modify=none", "--annotate=n", "--form=n")
    plain = write_pdf(tmp_path / "m.pdf")
    fault = refusal(safe, key, encrypt(plain, "AES-256", USER, "unknown", *limits))
    assert (fault.code, fault.detail) == ("pdf.encrypted", "its author does not allow changes")
    assert safe.seal(encrypt(plain, "AES-256", USER, OWNER, *limits), key)[2][0].good


def test_protected_by_a_code(safe: Bench, key: Key, tmp_path: Path) -> None:
    """A document whose integrity code (ISO/TS 32004) any update would break is refused."""
    original = tmp_path / "mac.pdf"
    with write_pdf(tmp_path / "plain.pdf").open("rb") as stream:
        writer = copy_into_new_writer(PdfFileReader(stream))
        writer.encrypt(OWNER, USER)
        with original.open("w+b") as result:
            writer.write(result)
    assert b"/AuthCode" in original.read_bytes()
    assert refusal(safe, key, original).code == "pdf.unsupported"


def test_certificate_encryption(safe: Bench, key: Key, tmp_path: Path) -> None:
    """A document that is encrypted for certificates is no document for passwords."""
    original = tmp_path / "pubkey.pdf"
    with write_pdf(tmp_path / "plain.pdf").open("rb") as stream:
        writer = copy_into_new_writer(PdfFileReader(stream))
        certificate = x509.Certificate.load(key.certificate)
        writer.encrypt_pubkey([certificate], policy=_ANY_USAGE, pdf_mac=False)
        with original.open("w+b") as result:
            writer.write(result)
    assert refusal(safe, key, original).code == "pdf.encrypted"


def test_two_seals(safe: Bench, key: Key, tmp_path: Path) -> None:
    """An encrypted result is sealed again, in a field that waits; both signatures are valid."""
    plain = add_fields(write_pdf(tmp_path / "t.pdf"), SigFieldSpec("Here", box=BOX))
    first, _, _ = safe.seal(encrypt(plain, "AES-256"), key)
    again, _, reports = safe.seal(first, key, Place(IntoField("Here")))
    assert [report.good for report in reports] == [True, True]
    assert judged_by_pdfsig(again, "-upw", USER) == ["Signature is Valid."] * 2
    safe.reader.draw(again, 0, tmp_path / "page.png")
    assert (tmp_path / "page.png").stat().st_size > 1000


@pytest.mark.parametrize("method", ["RC4-128", "AES-256"])
def test_what_a_field_asks_is_encrypted_too(
    safe: Bench, key: Key, tmp_path: Path, method: str
) -> None:
    """Seed values and locks of an encrypted document are understood, met and judged."""
    seeds = SigSeedValueSpec(
        SigSeedValFlags.REASONS | SigSeedValFlags.SUBFILTER | SigSeedValFlags.DIGEST_METHOD,
        reasons=["Approved"],
        subfilters=[SigSeedSubFilter.PADES],
        digest_methods=["SHA256"],
        cert=SigCertConstraints(
            SigCertConstraintFlags.SUBJECT, subjects=[x509.Certificate.load(key.certificate)]
        ),
    )
    lock = FieldMDPSpec(FieldMDPAction.INCLUDE, ["Amount"])
    spec = SigFieldSpec("Here", box=BOX, seed_value_dict=seeds, field_mdp_spec=lock)
    plain = add_fields(write_pdf(tmp_path / "s.pdf"), spec)
    original = encrypt(plain, method)
    (field,) = safe.reader.examine(original).empty_signature_fields
    assert (field.name, field.lock) == ("Here", "Amount")
    fault = refusal(safe, key, original, Place(IntoField("Here")))
    assert (fault.code, fault.detail) == ("pdf.field-demands", "a reason of: Approved")
    profile = Profile(reason="Approved")
    sealed, _, reports = safe.seal(original, key, Place(IntoField("Here")), profile)
    assert reports[0].good
    assert judged_by_pdfsig(sealed, "-upw", as_argument(USER, method)) == ["Signature is Valid."]


@pytest.mark.parametrize("method", ["RC4-128", "AES-256"])
def test_options_are_encrypted_too(safe: Bench, key: Key, tmp_path: Path, method: str) -> None:
    """Certification, lock and signed attributes of a seal in an encrypted document are judged."""
    later = SigFieldSpec("Later", box=BOX)
    never = SigFieldSpec("Never", box=(50, 100, 250, 200))
    original = encrypt(add_fields(write_pdf(tmp_path / "o.pdf"), later, never), method)
    profile = Profile(
        certify=Certify.FORMS,
        lock=FieldLock(LockAction.INCLUDE, ("Never",)),
        commitment=Commitment.APPROVAL,
        name="Müller",
    )
    first, _, _ = safe.seal(original, key, Place(AtCorner(Corner.TOP_LEFT)), profile)
    fault = refusal(safe, key, first, Place(IntoField("Never")))
    assert fault.code == "pdf.earlier-signature-affected"
    again, _, reports = safe.seal(first, key, Place(IntoField("Later")))
    assert [report.good for report in reports] == [True, True]
    word = as_argument(USER, method)
    assert judged_by_pdfsig(again, "-upw", word) == ["Signature is Valid."] * 2


def test_passwords_are_nowhere_to_be_seen(knowing: ReaderDocuments, tmp_path: Path) -> None:
    """No argument, environment or error of a reader process holds a password."""
    knowing.examine(write_pdf(tmp_path / "p.pdf"))
    with pytest.raises(DocumentFault) as refused:
        knowing.examine(encrypt(write_pdf(tmp_path / "q.pdf"), "AES-256", "x", "y"))
    assert OWNER not in str(refused.value)
    assert OWNER not in repr(knowing.__dict__)
    seen = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (process / "cmdline").read_bytes()
            if b"gateway.pdf.child" not in arguments:
                continue
            environment = (process / "environ").read_bytes()
        except OSError:
            continue
        seen += 1
        assert OWNER.encode() not in arguments + environment
    assert seen


def test_encryption_of_acrobat_9(bench: Bench, tmp_path: Path) -> None:
    """Revision 5 is refused by its name, and not for a password that would not help."""
    clear, locked = write_pdf(tmp_path / "clear.pdf"), tmp_path / "locked.pdf"
    command = ("qpdf", "--allow-weak-crypto", "--encrypt", "", "o", "256", "--force-R5", "--")
    subprocess.run((*command, clear, locked), check=True)
    with pytest.raises(DocumentFault) as fault:
        bench.reader.examine(locked)
    assert fault.value.code == "pdf.encrypted"
    assert "Acrobat 9" in fault.value.detail
