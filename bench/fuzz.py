"""Give what parses foreign bytes inputs that coverage leads to, and print what came of it.

Usage: python -m bench.fuzz [--seconds N] [--target T …] [--keep DIR]

Needs atheris, which scripts/fuzz-tools.sh provides. Findings are minimised; a new one belongs into
tests/fuzz/corpus/TARGET/ under a name that says what it is, together with what mends it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.targets import TARGETS

_ROOT = Path(__file__).resolve().parents[1]
_COVERED = re.compile(r"cov: (\d+)")
_STARTING = 300
"""Seconds that a run may take longer than it was told: it loads everything anew, instrumented."""
_ENDED = re.compile(r"ERROR: libFuzzer: (.*)|(Segmentation fault|deadly signal)")


@dataclass(frozen=True)
class Result:
    """What came of one target."""

    target: str
    executions: int
    edges: int
    findings: tuple[str, ...]


def main() -> int:
    """Run the targets one after another; 1 when anything was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    names = [target.name for target in TARGETS]
    parser.add_argument("--target", action="append", choices=names, metavar="T")
    parser.add_argument("--keep", type=Path, help="where corpora and findings are kept")
    chosen = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory(prefix="sealgate-fuzz-") as temporary:
        folder = chosen.keep or Path(temporary)
        for name in chosen.target or names:
            results.append(_run(name, chosen.seconds, folder.resolve() / name))
            say(_row(results[-1]))
            for finding in sorted((folder.resolve() / name / "findings").glob("*.txt")):
                say(f"\n{finding.read_text()}\n{finding.with_suffix('').read_bytes()[:2000]!r}\n")
    say("\n" + "\n".join((_HEAD, *map(_row, results))))
    return 1 if any(result.findings for result in results) else 0


def _run(name: str, seconds: int, folder: Path) -> Result:
    corpus, findings = folder / "corpus", folder / "findings"
    for one in (corpus, findings):
        one.mkdir(parents=True, exist_ok=True)
    command = (sys.executable, "-m", "bench.fuzzing", name, str(seconds), str(corpus))
    environment = os.environ | {"PYTHONPATH": str(_ROOT / ".venv-fuzz")}
    ended = subprocess.run(
        (*command, str(findings)),
        cwd=_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=seconds + _STARTING,
        check=False,
    )
    told = findings / "told.json"
    counts = json.loads(told.read_text()) if told.exists() else {"executions": 0, "findings": []}
    covered = [int(edges) for edges in _COVERED.findall(ended.stderr)]
    found = list(counts["findings"])
    if ended.returncode or not covered:
        why = _ENDED.search(ended.stderr)
        found.append(why[0] if why else f"it ended with {ended.returncode}")
        (findings / "ended.txt").write_text(ended.stderr[-4000:])
        (findings / "ended").touch()
    return Result(name, counts["executions"], max(covered, default=0), tuple(found))


_HEAD = "| target | executions | edges covered | findings |\n|---|---|---|---|"


def _row(result: Result) -> str:
    found = "; ".join(result.findings) or "none"
    return f"| {result.target} | {result.executions:,} | {result.edges:,} | {found} |"


def say(words: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
