"""Seal files that are made to cost as much as they can, and print what each did cost.

Usage: python -m bench.hostile [NAME …]

Limits are those of a site that sets none. Processor time and memory are of the readers alone, the
time to start one included.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from gateway.core.errors import DocumentFault
from gateway.core.site import Limits
from gateway.pdf.reader import ReaderDocuments
from tests.pdf import hostile
from tests.pdf.conftest import Bench, make_key
from tests.pdf.rendering import draw_quadrants


def main() -> None:
    """Print one line for each file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    chosen = set(parser.parse_args().names)
    print("| file | size | end | processor time | memory |\n|---|---|---|---|---|", flush=True)  # noqa: T201
    for make in hostile.ALL:
        if chosen and make.__name__ not in chosen:
            continue
        child = os.fork()  # so that the readers of one file are counted alone
        if not child:
            _measure(make.__name__, make())
            os._exit(0)
        os.waitpid(child, 0)


def _measure(name: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory(prefix="sealgate-hostile-") as folder:
        path = Path(folder) / f"{name}.pdf"
        path.write_bytes(content)
        documents = ReaderDocuments(Limits(readers=1))
        bench = Bench(documents, draw_quadrants(Path(folder) / "seal.png"), Path(folder))
        try:
            bench.seal(path, make_key(ec.generate_private_key(ec.SECP256R1()), "Bench"))
            end = "sealed"
        except DocumentFault as fault:
            end = f"`{fault.code}`"
        documents.close()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds, memory = used.ru_utime + used.ru_stime, used.ru_maxrss // 1024
    size = f"{len(content) / 1e6:.1f} MB"
    told = f"| {name.replace('_', ' ')} | {size} | {end} | {seconds:.1f} s | {memory} MiB |"
    print(told, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
