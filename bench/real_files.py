"""Seal every PDF of a folder, mended where that is needed and possible, and count how they end.

Usage: python -m bench.real_files [--list] FOLDER

Without daemon and service: examined, planned by one rule, prepared, signed and released. Prints how
many ended in which way; with --list, what became of each file that was not sealed as it is.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from gateway.core.admission import admit
from gateway.core.errors import DocumentFault
from gateway.core.findings import refused
from gateway.core.repairing import REPAIRABLE
from gateway.core.site import Limits
from gateway.pdf.reader import ReaderDocuments
from tests.pdf.conftest import SMALL, Bench, Key, make_key
from tests.pdf.rendering import draw_quadrants

_NOT_DOCUMENTS = {".tsv", ".md"}


def main() -> None:
    """Print how the files of a folder end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--list", action="store_true")
    chosen = parser.parse_args()
    files = [one for one in sorted(chosen.folder.iterdir()) if one.suffix not in _NOT_DOCUMENTS]
    documents = ReaderDocuments(Limits())
    key = make_key(ec.generate_private_key(ec.SECP256R1()), "Bench")
    with (
        tempfile.TemporaryDirectory(prefix="sealgate-corpus-") as folder,
        ThreadPoolExecutor(2) as threads,
    ):
        artwork = draw_quadrants(Path(folder) / "seal.png")
        bench = Bench(documents, artwork, Path(folder))
        bench.own = SMALL
        ends = list(threads.map(lambda file: _end(bench, key, file), files))
    documents.close()
    for file, (end, detail) in zip(files, ends, strict=True):
        if chosen.list and end != "sealed as it is":
            print(f"{file.name}: {end} {detail}")  # noqa: T201
    for end, count in Counter(end for end, _ in ends).most_common():
        print(f"{count:6} {end}")  # noqa: T201


def _end(bench: Bench, key: Key, file: Path) -> tuple[str, str]:
    try:
        return "sealed as it is", _seal(bench, key, file)
    except DocumentFault as fault:
        if fault.code not in REPAIRABLE:
            return fault.code, fault.detail
        because = fault
    mended = bench.folder / f"{file.name}.mended.pdf"
    try:
        bench.reader.repair(file, mended)
        return "sealed when mended", _seal(bench, key, mended)
    except DocumentFault as fault:
        return because.code, f"{because.detail}; then {fault.code}: {fault.detail}"


def _seal(bench: Bench, key: Key, file: Path) -> str:
    facts = bench.reader.examine(file)
    admit(facts)
    found = refused(facts.findings)
    if found:
        raise DocumentFault("pdf.finding-refused", ", ".join(one.words for one in found))
    bench.seal(file, key)
    return ""


if __name__ == "__main__":
    main()
