"""The page of results: every figure in it comes from one run."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.outcome import Outcome

RESULTS = Path(__file__).parent / "RESULTS.md"
RAW = Path(__file__).parent / "results.json"

_HEAD = """\
# What was measured

Written by `make bench`; not edited. How to read it: [docs/speed.md](../docs/speed.md). Figures of
one run can be compared with each other; with those of another machine, only their ratios.
"""


def machine(folder: Path) -> dict[str, str]:
    """Describe this machine, without any name of it; `folder` is where the sites lie."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "processors": f"{os.cpu_count()} × {_processor()}",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "file system": _file_system(folder),
        "system": f"Linux {platform.release().split('-')[0]}",
        "Python": platform.python_version(),
        "Sealgate": version("sealgate"),
        "pyHanko": version("pyhanko"),
    }


def write(outcomes: Sequence[Outcome], facts: dict[str, str], load: tuple[float, float]) -> None:
    """Write the page, and beside it the raw values.

    `load` is the machine's load before and after.
    """
    facts = facts | {"load before and after": f"{load[0]:.1f}, {load[1]:.1f}"}
    rows = "\n".join(f"| {key} | {value} |" for key, value in facts.items())
    goals = [goal for outcome in outcomes for goal in outcome.goals]
    met = sum(goal.is_met for goal in goals)
    parts = [
        _HEAD,
        f"| | |\n|---|---|\n{rows}\n",
        f"{met} of {len(goals)} goals are met.\n",
        *(outcome.markdown() for outcome in outcomes),
    ]
    RESULTS.write_text("\n".join(parts))
    raw: dict[str, Any] = {"machine": facts, "benchmarks": {}}
    for outcome in outcomes:
        goals_of = [asdict(goal) | {"met": goal.is_met} for goal in outcome.goals]
        raw["benchmarks"][outcome.name] = {"goals": goals_of, "values": outcome.raw}
    RAW.write_text(json.dumps(raw, indent=1, ensure_ascii=False) + "\n")


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _file_system(folder: Path) -> str:
    command = ("/usr/bin/stat", "--file-system", "--format=%T", str(folder))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
