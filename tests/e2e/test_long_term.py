"""Long-term levels: made by the real program, proved without a network, renewed in time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.ledger import SqliteLedger
from gateway.pdf.extending import last_token
from gateway.sandbox.process import SandboxProcess
from gateway.wiring import SystemClock
from tests.e2e.pages import write_pdf
from tests.e2e.site import SEALGATE, TestSite
from tests.e2e.test_judged_by_others import openssl_verify, run

_RULES = """\
inbox: documents
rules:
  - name: lt
    match: {path: "lt/**"}
    seal: company-seal
    place: {corner: bottom-right, margin: 10mm}
    profile: {level: B-LT, vri: true}
  - name: certified
    match: {path: "certified/**"}
    seal: company-seal
    place: {corner: bottom-right, margin: 10mm}
    profile: {level: B-LTA, certify: no-changes}
  - name: lta
    seal: company-seal
    place: {corner: bottom-right, margin: 10mm}
    profile: {level: B-LTA}
"""
CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
DOCUMENTS = (
    "pdf-differences--LineCap-Degenerate.pdf",
    "pdf-differences--LargeMitreLimit-Beziers.pdf",
)


@pytest.fixture
def site(site: TestSite) -> TestSite:
    """Return a site whose rules ask for long-term levels."""
    site.edit("rules/example.yaml", lambda _: _RULES)
    return site


def drop(site: TestSite, folder: str, name: str = "a") -> None:
    """Drop a document below a folder of the inbox."""
    write_pdf(site.inbox / folder / f"{name}.pdf", ("One", "Two"))


def openssl_ts(site: TestSite, pdf: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Let openssl check the newest document time-stamp over the bytes that it covers."""
    numbers = pdf.read_bytes().rsplit(b"/ByteRange [", 1)[1].split(b"]")[0].split()
    start, first, second, rest = map(int, numbers)
    data = pdf.read_bytes()
    covered, token = folder / "covered.bin", folder / "token.der"
    covered.write_bytes(data[start : start + first] + data[second : second + rest])
    token.write_bytes(last_token(pdf))
    return run(
        "openssl", "ts", "-verify", "-token_in", "-in", token, "-data", covered,
        "-CAfile", site.state / "sandbox" / "root.pem",
    )  # fmt: skip


def without_network(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the program where no address can be reached, not even this machine's own."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("not possible here: unshare --net needs root")
    return run("unshare", "--net", *SEALGATE, *arguments)


def test_levels_are_made_and_proved_offline(site: TestSite, tmp_path: Path) -> None:
    """Each level validates without a network; pdfsig, qpdf and openssl agree on real documents."""
    for folder in ("lt", "certified", ""):
        drop(site, folder)
    for name in DOCUMENTS:
        shutil.copyfile(CORPUS / name, site.inbox / name)
    done = site.call("sweep")
    assert done.returncode == 0, done.stdout + done.stderr
    results = site.delivered()
    assert len(results) == 5
    told = without_network("verify", *results, "--site", site.root)
    assert told.returncode == 0, told.stdout + told.stderr
    for result in results:
        assert "Signature is Valid" in run("pdfsig", result).stdout
        assert run("qpdf", "--check", result).returncode == 0
        assert b"/DSS" in result.read_bytes()
        if result.parent.name == "lt":
            assert b"/VRI" in result.read_bytes()
            accepted = openssl_verify(site, result, tmp_path)
            assert accepted.returncode == 0, accepted.stderr
            continue
        assert "/DocTimeStamp" in result.read_bytes().decode("latin-1")
        checked = openssl_ts(site, result, tmp_path)
        assert "Verification: OK" in checked.stdout, checked.stderr


def test_what_cannot_be_extended_is_never_paid_for(site: TestSite) -> None:
    """Documents built so that nothing may follow a signature are refused before one is bought.

    Those with long-term signatures of others are sealed beside them, and can be renewed.
    """
    refused = (
        "pyHanko--struct-tree-circular-ref.pdf",
        "qpdf--V4-aes.pdf",
        "qpdf--compressed-metadata.pdf",
    )
    sealed = (
        "pyHanko--pades-lta-dss-indirect-arrs-test.pdf",
        "pyHanko--pades-lta-dss-indirect-arrs-test-2.pdf",
    )
    site.edit("rules/example.yaml", lambda text: text.replace("margin: 10mm", "margin: 0mm"))
    for name in (*refused, *sealed):
        shutil.copyfile(CORPUS / name, site.inbox / name)
    with SandboxProcess(site.state):
        assert site.call("sweep").returncode == 1
        assert site.usage()["charged"] == len(sealed)
    assert site.failures() == dict.fromkeys(refused, "pdf.cannot-extend")
    assert len(site.delivered()) == len(sealed)
    done = site.call("sweep", "--renew", "--within", "20000")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "2 renewed, 0 not")


def test_other_validators_need_no_network_either(site: TestSite) -> None:
    """pyHanko's own command line, told to fetch nothing, finds a B-LTA result trusted."""
    drop(site, "")
    assert site.call("sweep").returncode == 0
    (result,) = site.delivered()
    script = (
        "import sys, asyncio\n"
        "from pyhanko.keys import load_cert_from_pemder as load\n"
        "from pyhanko.pdf_utils.reader import PdfFileReader\n"
        "from pyhanko.sign.validation.dss import DocumentSecurityStore as Store\n"
        "from pyhanko.sign.validation import async_validate_pdf_signature as validate\n"
        "reader = PdfFileReader(open(sys.argv[1], 'rb'))\n"
        "settings = {'trust_roots': [load(sys.argv[2])], 'allow_fetching': False,\n"
        "            'revocation_mode': 'require'}\n"
        "context = Store.read_dss(reader).as_validation_context(settings)\n"
        "status = asyncio.run(validate(reader.embedded_regular_signatures[0], context))\n"
        "print(status.bottom_line, status.timestamp_validity.trusted)\n"
    )
    root = site.state / "sandbox" / "root.pem"
    assert run(sys.executable, "-c", script, result, root).stdout.split() == ["True", "True"]


def test_revoked_signer_holds_and_spends_nothing(site: TestSite) -> None:
    """A revoked certificate is found out before the digest leaves; nobody probes it again."""
    assert site.call("services", "list").returncode == 0, "makes the sandbox's keys"
    (site.state / "sandbox" / "revoked").write_text("sandbox-seal\n")
    drop(site, "lt")
    drop(site, "")
    done = site.call("sweep")
    assert done.returncode == 3
    assert "revocation.revoked" in done.stderr
    assert site.delivered() == []
    with SandboxProcess(site.state):
        assert site.usage()["charged"] == 0
    (site.state / "sandbox" / "revoked").unlink()
    assert site.call("retry", "--all-failed").returncode == 0
    assert site.call("sweep").returncode == 0
    assert len(site.delivered()) == 2


def test_responders_that_are_down_hold_until_they_are_back(site: TestSite) -> None:
    """Without OCSP the CRL is taken; without both, work waits unpaid and goes on by itself."""
    with SandboxProcess(site.state):
        site.tell(method="ocsp", kind="503", times=200)
        drop(site, "lt", "by-crl")
        assert site.call("sweep").returncode == 0
        before = site.usage()["charged"]
        site.tell(method="ocsp", kind="503", times=400)
        site.tell(method="crl", kind="503", times=400)
        drop(site, "lt", "later")
        done = site.call("sweep")
        assert done.returncode == 3
        assert "revocation.unavailable" in done.stderr
        assert site.usage()["charged"] == before
        site.forget_faults()
        assert site.call("sweep").returncode == 0
    assert len(site.delivered()) == 2


def test_renewal(site: TestSite) -> None:
    """Renewed twice, the archived result begins with its former bytes and is proved offline."""
    drop(site, "")
    drop(site, "lt", "other")
    assert site.call("sweep").returncode == 0
    assert "0 renewed" in site.call("sweep", "--renew").stdout, "nothing ends within 90 days"
    (first,) = site.archive.rglob("a-sealed.pdf")
    for number in (1, 2):
        done = site.call("sweep", "--renew", "--within", "20000")
        assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "1 renewed, 0 not")
        renewed = first.with_name(f"a-sealed.renewed-{number}.pdf")
        assert renewed.read_bytes().startswith(first.read_bytes())
        told = without_network("verify", renewed, "--site", site.root)
        assert (told.returncode, told.stdout.count("valid")) == (0, number + 2)
        assert run("qpdf", "--check", renewed).returncode == 0
    audited = site.call("log", "verify", "--archive")
    assert "8 archived files of 2 jobs" in audited.stdout, audited.stdout
    ledger = SqliteLedger(site.state / "ledger.sqlite", SystemClock())
    assert [renewal.times for renewal in ledger.ending("9999")] == [2]
    ledger.close()


def test_damaged_archive_is_not_renewed(site: TestSite) -> None:
    """A file that was altered in the archive is named, and nothing is laid beside it."""
    drop(site, "")
    assert site.call("sweep").returncode == 0
    (archived,) = site.archive.rglob("a-sealed.pdf")
    archived.chmod(0o600)
    data = bytearray(archived.read_bytes())
    data[data.index(b"(One)") + 1] ^= 1
    archived.write_bytes(data)
    done = site.call("sweep", "--renew", "--within", "20000")
    assert done.returncode == 1
    assert "gate.signature-invalid" in done.stdout
    assert list(site.archive.rglob("*renewed*")) == []
