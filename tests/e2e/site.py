"""A real site under test: made by `sealgate init`, worked on by the real program."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import cast

from gateway.cli import main

SEALGATE = (sys.executable, "-m", "gateway")
DEADLINE = 60.0
APART = ("init", "run", "demo")
"""The commands that are never run within the process of the tests."""


def wait_for(what: str, condition: Callable[[], bool], seconds: float = DEADLINE) -> None:
    """Poll until `condition` holds; fail with `what` when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(0.05)


def _within(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a command in this process, as if it were one of its own."""
    words = [io.TextIOWrapper(io.BytesIO(), "utf-8", newline="", write_through=True) for _ in "oe"]
    with redirect_stdout(words[0]), redirect_stderr(words[1]):
        try:
            code: object = main(list(command))
        except SystemExit as end:
            code = end.code
    said = [cast("io.BytesIO", one.buffer).getvalue().decode() for one in words]
    return subprocess.CompletedProcess(command, cast("int", code), *said)


class TestSite:
    """An evaluation site in a folder of its own."""

    __test__ = False

    def __init__(self, root: Path) -> None:
        self.root = root
        self.inbox = root / "inbox" / "documents"
        self.outbox = root / "outbox"
        self.failed = root / "failed"
        self.archive = root / "archive"
        self.state = root / "state"
        self._inherited = dict(os.environ)
        self.environment = dict(self._inherited)
        self.first_link = ""
        """The path of the address at which the first administrator comes in."""

    @classmethod
    def make(cls, root: Path, *, settle: str = "200ms", scan_every: str = "1s") -> TestSite:
        """Make an evaluation site whose inboxes settle fast."""
        site = cls(root)
        done = site.call("init", str(root), "--sandbox", site=False)
        assert done.returncode == 0, done.stderr
        site.first_link = "/welcome/" + done.stdout.strip().rpartition("/welcome/")[2]
        site.edit(
            "gateway.yaml",
            lambda text: (
                re.sub(
                    r"scan_every: .*",
                    f"scan_every: {scan_every}\n    settle: {settle}\n    incomplete_after: 2s",
                    text,
                )
                + "\nretry: {first: 200ms, longest: 1s}\n"
            ),
        )
        return site

    def edit(self, name: str, change: Callable[[str], str]) -> None:
        """Rewrite one configuration file in one step, as an editor does."""
        path = self.root / name
        fresh = path.with_name(f".{path.name}.new")
        fresh.write_text(change(path.read_text()))
        fresh.replace(path)

    def call(
        self, *arguments: str, site: bool = True, seconds: float = 300
    ) -> subprocess.CompletedProcess[str]:
        """Run one command to its end; in this process where that shows the same.

        Starting an interpreter takes longer than nearly every command. A command that makes or
        serves a site has a process of its own, as has one with another environment or thread.
        """
        command = (*arguments, *(("--site", str(self.root)) if site else ()))
        main_thread = threading.current_thread() is threading.main_thread()
        if main_thread and self.environment == self._inherited and arguments[0] not in APART:
            return _within(command)
        return subprocess.run(
            (*SEALGATE, *command),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            env=self.environment,
        )

    def json(self, *arguments: str) -> object:
        """Run a command with --json and return what it printed."""
        done = self.call(*arguments, "--json")
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    @contextmanager
    def daemon(self, command: tuple[str, ...] = SEALGATE) -> Iterator[subprocess.Popen[bytes]]:
        """Run the daemon meanwhile; it must end in good order when told to."""
        process = self.start(command)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                code = process.wait(60)
                assert code == 0, f"exit code {code}: {self.daemon_says()}"

    def start(
        self, command: tuple[str, ...] = SEALGATE, *, log: str = "text"
    ) -> subprocess.Popen[bytes]:
        """Start the daemon, its words going to a file."""
        with self.words.open("ab") as words:
            return subprocess.Popen(
                (*command, "run", "--log", log, "--site", str(self.root)),
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                env=self.environment,
            )

    @property
    def words(self) -> Path:
        """Return the file that holds what the daemon said."""
        return self.root.parent / f"{self.root.name}.words"

    def daemon_says(self) -> str:
        """Return what the daemon has printed so far."""
        return self.words.read_text() if self.words.exists() else ""

    @property
    def readies(self) -> int:
        """Return how many daemons have said so far that they are ready."""
        return self.daemon_says().count("sealgate: ready")

    def drop(self, source: Path, name: str | None = None) -> Path:
        """Drop a copy as a careful sender does: under a partial name, then renamed."""
        target = self.inbox / (name or source.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.part")
        shutil.copyfile(source, partial)
        partial.rename(target)
        return target

    def delivered(self) -> list[Path]:
        """Return the PDFs in the outbox."""
        return sorted(self.outbox.rglob("*.pdf"))

    def failures(self) -> dict[str, str]:
        """Return name and error code of what lies in failed/."""
        return {
            receipt.name.removesuffix(".receipt.json"): json.loads(receipt.read_text())["error"][
                "code"
            ]
            for receipt in self.failed.rglob("*.receipt.json")
        }

    def usage(self) -> dict[str, int]:
        """Return the sandbox service's own counters."""
        address = (self.state / "sandbox" / "address").read_text().split()[0]
        with urllib.request.urlopen(f"{address}/usage", timeout=10) as answer:  # noqa: S310
            return json.loads(answer.read())

    def tell(self, **fault: object) -> None:
        """Tell the running sandbox to fail."""
        self._faults("POST", json.dumps(fault).encode())

    def forget_faults(self) -> None:
        """Let the running sandbox have no more faults."""
        self._faults("DELETE", b"")

    def _faults(self, method: str, body: bytes) -> None:
        address = (self.state / "sandbox" / "address").read_text().split()[0]
        request = urllib.request.Request(  # noqa: S310
            f"{address}/faults", data=body, method=method
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            assert answer.status == 200

    def events(self, pattern: str) -> list[dict[str, str]]:
        """Return the signing log's entries of one event."""
        done = self.call("log", "search", "--event", pattern, "--limit", "100000", "--json")
        return json.loads(done.stdout) if done.stdout.strip() else []
