"""Results are judged by programs that are not ours."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite

JUDGES = ("pdfsig", "qpdf", "mutool", "openssl")


@pytest.fixture(autouse=True)
def judges() -> None:
    """Skip, with the names, where a judge is not installed."""
    missing = [judge for judge in JUDGES if shutil.which(judge) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


@pytest.fixture
def sealed(site: TestSite, tmp_path: Path) -> Path:
    """Seal one document and return the result."""
    site.drop(write_pdf(tmp_path / "judged.pdf", ("One", "Two")))
    done = site.call("sweep")
    assert done.returncode == 0, done.stdout + done.stderr
    (result,) = site.delivered()
    return result


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a judge."""
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def signature_parts(pdf: Path, folder: Path) -> tuple[Path, Path]:
    """Cut the CMS and the bytes it covers out of a file, by its own byte range."""
    data = pdf.read_bytes()
    numbers = re.findall(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", data)[-1]
    start, first, second, rest = (int(number) for number in numbers)
    hole = data[start + first : second].strip(b"<>")
    content = bytes.fromhex(hole.decode())
    length = int.from_bytes(content[2:4], "big") + 4
    cms, covered = folder / "signature.der", folder / "covered.bin"
    cms.write_bytes(content[:length])
    covered.write_bytes(data[start : start + first] + data[second : second + rest])
    return cms, covered


def openssl_verify(site: TestSite, pdf: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Let openssl check the CMS against the covered bytes and the site's trust anchor."""
    cms, covered = signature_parts(pdf, folder)
    return run(
        "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", cms,
        "-content", covered, "-CAfile", site.state / "sandbox" / "root.pem",
        "-purpose", "any", "-out", "/dev/null",
    )  # fmt: skip


def test_accepted_by_all(site: TestSite, sealed: Path, tmp_path: Path) -> None:
    """pdfsig, qpdf, mutool and openssl accept a result, and so do we."""
    told = run("pdfsig", sealed).stdout
    assert "Signature is Valid" in told
    assert "Total document signed" in told
    assert "ETSI.CAdES.detached" in told
    assert run("qpdf", "--check", sealed).returncode == 0
    drawn = run("mutool", "draw", "-o", tmp_path / "page.png", sealed, "1-N")
    assert drawn.returncode == 0
    assert "error" not in drawn.stderr.lower()
    checked = openssl_verify(site, sealed, tmp_path)
    assert checked.returncode == 0, checked.stderr
    assert site.call("verify", str(sealed)).returncode == 0


def test_tampered_copy_is_rejected(site: TestSite, sealed: Path, tmp_path: Path) -> None:
    """A copy with one changed byte is rejected by sealgate verify, pdfsig and openssl."""
    data = bytearray(sealed.read_bytes())
    where = data.index(b"(One)") + 1
    data[where : where + 3] = b"Ten"
    tampered = tmp_path / "tampered.pdf"
    tampered.write_bytes(data)
    assert site.call("verify", str(tampered)).returncode == 1
    assert "Signature is Valid" not in run("pdfsig", tampered).stdout
    assert openssl_verify(site, tampered, tmp_path).returncode != 0


def test_appended_change_is_rejected(site: TestSite, sealed: Path, tmp_path: Path) -> None:
    """A change appended behind the signature is rejected although the signature itself holds."""
    changed = tmp_path / "changed.pdf"
    appended = (
        sealed.read_bytes()
        + b"\n5 0 obj\n<< /Length 47 >>\nstream\nBT /F1 14 Tf 60 400 Td (Other words here) Tj ET\n"
        b"endstream\nendobj\n"
    )
    previous = re.findall(rb"startxref\s+(\d+)", sealed.read_bytes())[-1]
    offset = appended.rindex(b"5 0 obj")
    start = len(appended)
    appended += b"xref\n5 1\n%010d 00000 n \n" % offset
    size = max(int(n) for n in re.findall(rb"/Size\s+(\d+)", sealed.read_bytes()))
    appended += b"trailer\n<< /Size %d /Root 1 0 R /Prev %s >>\n" % (size, previous)
    appended += b"startxref\n%d\n%%%%EOF\n" % start
    changed.write_bytes(appended)
    done = site.call("verify", str(changed))
    assert done.returncode == 1
    assert "changed after" in done.stdout
