"""Every real file of the corpus ends delivered or failed with a known code, and no other way."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.core.error_codes import CODES
from tests.e2e.site import TestSite

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
NOT_DOCUMENTS = {"INDEX.tsv", "README.md"}


def documents() -> list[Path]:
    """Return the corpus, or skip with a clear word where it is absent."""
    if not CORPUS.is_dir():
        pytest.skip("the corpus of real PDFs is not beside this checkout")
    return [path for path in sorted(CORPUS.iterdir()) if path.name not in NOT_DOCUMENTS]


def test_sweep_of_the_corpus(site: TestSite) -> None:
    """A sweep over all of it hangs on none, loses none, and releases nothing that others reject."""
    files = documents()
    for file in files:
        shutil.copyfile(file, site.inbox / file.name)
    done = site.call("sweep", seconds=900)
    assert done.returncode == 1, done.stdout[-2000:] + done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    assert not list(site.inbox.iterdir()), "something was left behind"
    failures = site.failures()
    assert len(failures) + len(site.delivered()) == len(files)
    assert set(failures.values()) <= set(CODES)
    assert "internal.unexpected" not in failures.values(), failures
    # Most of the corpus is sound; a gateway that refuses it all would be safe and useless.
    assert len(site.delivered()) >= 0.6 * len(files)
    for result in site.delivered():
        _judge(result)


def _judge(result: Path) -> None:
    receipt = json.loads(result.with_name(result.name + ".receipt.json").read_text())
    original = CORPUS / receipt["source"]
    assert result.read_bytes().startswith(original.read_bytes())
    told = subprocess.run(
        ("pdfsig", "-nocert", result), capture_output=True, text=True, check=False, timeout=60
    ).stdout
    assert "Signature is Valid" in told, result.name
    before, after = (
        subprocess.run(("qpdf", "--check", file), capture_output=True, check=False).returncode
        for file in (original, result)
    )
    assert after <= before, f"qpdf likes {result.name} less than its original"
