"""Give what parses foreign bytes inputs that coverage leads to, and print what came of it.

Usage: python -m bench.fuzz [--seconds N] [--target T …] [--keep DIR] [--write FILE]

Needs atheris, which scripts/fuzz-tools.sh provides. Findings are minimised; a new one belongs into
tests/fuzz/corpus/TARGET/ under a name that says what it is, together with what mends it. What is
kept is gone on from by the next run, and its table has the targets of earlier ones, too.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
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
    seconds: int
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
    parser.add_argument("--write", type=Path, help="write the table to this file, too")
    chosen = parser.parse_args()
    found = False
    with tempfile.TemporaryDirectory(prefix="sealgate-fuzz-") as temporary:
        folder = (chosen.keep or Path(temporary)).resolve()
        for name in chosen.target or names:
            result = _run(name, chosen.seconds, folder / name)
            (folder / name / _RESULT).write_text(json.dumps(asdict(result)))
            found = found or bool(result.findings)
            say(_row(result))
            for finding in sorted((folder / name / "findings").glob("*.txt")):
                say(f"\n{finding.read_text()}\n{finding.with_suffix('').read_bytes()[:2000]!r}\n")
        table = "\n".join((_HEAD, *map(_row, _results(folder, names))))
    say(f"\n{table}")
    if chosen.write:
        chosen.write.parent.mkdir(parents=True, exist_ok=True)
        chosen.write.write_text(f"# Fuzzing\n\n{_ABOUT}\n\n{table}\n", encoding="utf-8")
    return 1 if found else 0


def _results(folder: Path, names: list[str]) -> Iterator[Result]:
    """Yield what the newest run of each target came to."""
    for name in names:
        if (told := folder / name / _RESULT).exists():
            values = json.loads(told.read_text())
            yield Result(**values | {"findings": tuple(values["findings"])})


def _run(name: str, seconds: int, folder: Path) -> Result:
    corpus, findings = folder / "corpus", folder / "findings"
    shutil.rmtree(findings, ignore_errors=True)  # of an earlier run
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
    return Result(name, seconds, counts["executions"], max(covered, default=0), tuple(found))


_RESULT = "result.json"
_ABOUT = """\
`python -m bench.fuzz`: each target for so many seconds of one process, with coverage leading the
changes ([reliability](../reliability.md)). Edges are those of our code and of the libraries in
Python that are looked into; what is parsed in C or Rust shows none. A target without a row has
had the changed inputs of `make test` only."""
_HEAD = "| target | seconds | executions | edges covered | findings |\n|---|---|---|---|---|"


def _row(result: Result) -> str:
    found = "; ".join(result.findings) or "none"
    counts = f"{result.seconds} | {result.executions:,} | {result.edges:,}"
    return f"| {result.target} | {counts} | {found} |"


def say(words: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
