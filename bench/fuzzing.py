"""One target under atheris, in a process of its own: see `bench.fuzz`.

Usage: python -m bench.fuzzing TARGET SECONDS CORPUS FINDINGS
"""

from __future__ import annotations

import gc
import hashlib
import json
import logging
import random
import sys
import time
import warnings
from pathlib import Path

import atheris  # type: ignore[import-not-found]  # it is in .venv-fuzz

_CHANGED_BY_US = 0.5
"""Share of inputs that are changed by `tests.fuzz.mutating`; the rest by libFuzzer."""

_LED_THROUGH = [
    *("gateway", "pyhanko", "asn1crypto", "icalendar", "yaml"),
    *("paramiko", "smbprotocol", "svgelements"),
]
"""Whose edges lead the changes."""

with atheris.instrument_imports(include=_LED_THROUGH):
    from bench.shrinking import shortest
    from tests.fuzz.mutating import changed
    from tests.fuzz.target import Finding, Target, judged
    from tests.fuzz.targets import TARGETS


class Run:
    """Counts what happens, and keeps the first input of each finding."""

    def __init__(self, target: Target, seconds: float, findings: Path) -> None:
        self._target = target
        self._until = time.monotonic() + seconds
        self._findings = findings
        self._kinds: set[str] = set()
        self._executions = 0

    def once(self, data: bytes) -> None:
        """Give one input; end when the time is over."""
        self._executions += 1
        found = judged(self._target, data)
        if found is not None and found.kind not in self._kinds:
            self._keep(found, data)
        if self._executions % 50 == 0 or time.monotonic() > self._until:
            self._tell()
        if self._executions % 1000 == 0:
            gc.collect()

    def _keep(self, found: Finding, data: bytes) -> None:
        self._kinds.add(found.kind)

        def shows(shorter: bytes) -> bool:
            again = judged(self._target, shorter)
            return again is not None and again.kind == found.kind

        least = data if found.kind == "slow" else shortest(data, shows)
        name = hashlib.sha256(found.kind.encode()).hexdigest()[:12]
        (self._findings / name).write_bytes(least)
        (self._findings / f"{name}.txt").write_text(f"{found.kind}\n{found.told}")

    def _tell(self) -> None:
        told = {"executions": self._executions, "findings": sorted(self._kinds)}
        (self._findings / "told.json").write_text(json.dumps(told))


def main() -> None:
    """Run one target for a while."""
    name, seconds, corpus, findings = sys.argv[1:5]
    target = next(one for one in TARGETS if one.name == name)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    for number, seed in enumerate((*target.seeds(), *(data for _, data in target.kept()))):
        (Path(corpus) / f"seed-{number}").write_bytes(seed)
    run = Run(target, float(seconds), Path(findings))

    def change(data: bytes, longest: int, seed: int) -> bytes:
        chance = random.Random(seed)  # noqa: S311  # it has to be repeatable
        if chance.random() < _CHANGED_BY_US:
            return changed(target, chance, data)[:longest]
        made: bytes = atheris.Mutate(data, longest)
        return made

    options = (f"-max_total_time={seconds}", f"-max_len={target.longest}", "-timeout=60")
    atheris.Setup(
        [sys.argv[0], corpus, *options, "-rss_limit_mb=2048", f"-artifact_prefix={findings}/"],
        run.once,
        custom_mutator=change,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
