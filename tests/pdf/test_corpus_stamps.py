"""Real documents with a stamp on every page and a seal over their edges."""

from __future__ import annotations

import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.core.admission import admit
from gateway.core.errors import DocumentFault
from gateway.core.pages import ANYWHERE
from gateway.core.places import AtCorner, Corner, Fit, Place, Straddle
from gateway.pdf.reader import ReaderDocuments
from tests.e2e.test_corpus import documents
from tests.pdf.conftest import SMALL, Bench, Key
from tests.pdf.making import judged_by_pdfsig

PLACES = (
    Place(fit=Fit.SCALE),
    Place(AtCorner(Corner.TOP_LEFT), ANYWHERE, seal=SMALL.name, fit=Fit.SCALE, fallback=()),
    Place(Straddle(), ANYWHERE, fit=Fit.SCALE, fallback=()),
)
_REFUSED_BEFORE = ("pdf.", "plan.", "gate.")
_RANK = {0: 0, 3: 1, 2: 2}
"""qpdf's exit codes, from the best: nothing to say, warnings, errors."""
Outcome = tuple[Path, str, Path | None, int]
"""Original; code and detail of a refusal; result; number of stamps."""


class _Admitting(Bench):
    """Refuses at the door what the program refuses there."""

    def outcome(self, original: Path, key: Key) -> Outcome:
        """Seal one document, or say why not."""
        try:
            admit(self.reader.examine(original))
            sealed, plan, _ = self.seal(original, key, PLACES)
        except DocumentFault as fault:
            return original, f"{fault.code} {fault.detail}", None, 0
        return original, "", sealed, len(plan.stamps)


@pytest.fixture(scope="module")
def outcomes(
    reader: ReaderDocuments, artwork: Path, key: Key, tmp_path_factory: pytest.TempPathFactory
) -> list[Outcome]:
    """Seal the corpus, two documents at a time."""
    bench = _Admitting(reader, artwork, tmp_path_factory.mktemp("corpus"))
    files = documents()
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda file: bench.outcome(file, key), files))


def test_ends_known(outcomes: list[Outcome]) -> None:
    """Each is sealed or refused with a known code, and most of what can be stamped is."""
    codes = Counter(why.split()[0] for _, why, _, _ in outcomes if why)
    assert all(code.startswith(_REFUSED_BEFORE) or code == "intake.not-a-pdf" for code in codes)
    sealed = sum(result is not None for _, _, result, _ in outcomes)
    assert sealed >= 0.65 * len(outcomes), codes
    assert sum(stamps for _, _, _, stamps in outcomes) > 1000


def test_judged_by_others(outcomes: list[Outcome]) -> None:
    """Whatever is sealed is valid to pdfsig, and qpdf likes it no less than its original."""
    made = [(original, result) for original, _, result, _ in outcomes if result is not None]
    with ThreadPoolExecutor(2) as pool:
        assert [name for name in pool.map(_complaint, made) if name] == []


def _complaint(made: tuple[Path, Path]) -> str:
    original, result = made
    if "Signature is Valid." not in judged_by_pdfsig(result):
        return f"{original.name}: pdfsig"
    before, after = (
        subprocess.run(("qpdf", "--check", file), capture_output=True, check=False).returncode
        for file in (original, result)
    )
    return f"{original.name}: qpdf {before}, {after}" if _RANK[after] > _RANK[before] else ""
