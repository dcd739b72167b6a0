"""Print how much processor time each stage takes of a document, as a child of the reader does it.

Usage: python -m bench.stages [--documents N]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric import rsa

from bench.corpus import KINDS, document
from gateway.core.facts import NOTHING
from gateway.core.places import Place
from gateway.core.rules import Profile
from gateway.pdf import patches
from gateway.pdf.facts import examine
from gateway.pdf.sealing import embed, prepare
from gateway.pdf.verify import verify
from gateway.ports import Expectation
from tests.pdf.conftest import Bench, Key, make_key
from tests.pdf.rendering import draw_quadrants

_Result = TypeVar("_Result")


class Stages:
    """Takes documents through the stages and remembers what each of them took."""

    def __init__(self, folder: Path, key: Key) -> None:
        self._folder = folder
        self._key = key
        self._artwork = draw_quadrants(folder / "seal.png")
        self._bench = Bench(None, self._artwork, folder)  # type: ignore[arg-type]  # for its rules
        self.taken: dict[str, list[float]] = {}

    def seal(self, original: Path) -> None:
        """Take one document from examination to release gate."""
        draft, sealed = self._folder / "draft", self._folder / "sealed"
        facts = self._timed("examine", lambda: examine(original, NOTHING))
        plan = self._bench.plan(facts, Place(), Profile())
        artwork, signer = (self._artwork,), self._key.signer
        made = self._timed("prepare", lambda: prepare(original, draft, plan, artwork, signer))
        value = self._key.sign(made.digest)
        self._timed("embed", lambda: embed(draft, sealed, made.seam, value, None))
        expected = Expectation(original, plan, self._key.certificate, made.seam)
        self._timed("verify", lambda: verify(sealed, (self._key.certificate,), expected))

    def _timed(self, stage: str, work: Callable[[], _Result]) -> _Result:
        began = time.process_time()
        result = work()
        self.taken.setdefault(stage, []).append((time.process_time() - began) * 1000)
        return result


def main() -> None:
    """Measure, and print a table."""
    made = argparse.ArgumentParser(description=__doc__)
    made.add_argument("--documents", type=int, default=10, help="of each kind")
    chosen = made.parse_args()
    patches.install()
    key = make_key(rsa.generate_private_key(65537, 2048), "Bench")
    sys.stdout.write("milliseconds of processor time, medians\n")
    with tempfile.TemporaryDirectory(prefix="sealgate-bench-") as folder:
        for kind in KINDS:
            original = Path(folder) / "original.pdf"
            original.write_bytes(document(kind))
            stages = Stages(Path(folder), key)
            for _ in range(chosen.documents + 1):
                stages.seal(original)
            medians = {stage: statistics.median(all_[1:]) for stage, all_ in stages.taken.items()}
            told = "  ".join(f"{stage} {value:6.1f}" for stage, value in medians.items())
            whole = sum(medians.values())
            sys.stdout.write(f"{kind.name:>10}: {told}  all {whole:6.1f}\n")


if __name__ == "__main__":
    main()
