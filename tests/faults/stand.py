"""A site on which things go wrong: its service behind a relay, its daemon kept alive.

The daemon is started anew when it has ended, as systemd does by the unit's Restart=; nothing
else helps it.
"""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from gateway.core.quota import Package
from gateway.ledger import Ledger, SqliteLedger
from gateway.ledger.postgresql.ledger import PostgresqlLedger
from gateway.sandbox.process import SandboxProcess
from gateway.wiring import SystemClock
from tests.e2e.nodes import move_to
from tests.e2e.site import SEALGATE, TestSite, wait_for
from tests.faults.cutting_proxy import CuttingProxy
from tests.faults.private_names import NAME, PrivateNames
from tests.faults.tls_end import TlsEnd
from tests.postgresql import PostgresqlServer

CLOCK_LIBRARIES = tuple(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
_TERMS = """\
    idempotent: false
    repeats: 100
    quota: {counts: hash}
    connect_timeout: 1s
    read_timeout: 2s
"""
_DATABASE = "faults"
_REFUSED = 2
_REFUSING_SECONDS = 120
_TELLING = ("env", "PYTHONFAULTHANDLER=1")
_SLEEP = """\
import select, time
time.sleep = lambda seconds: select.select((), (), (), seconds) and None
"""
"""libfaketime refuses the absolute sleeps on the monotonic clock that Python's own are made of."""


class Stand:
    """One site under faults."""

    def __init__(
        self,
        site: TestSite,
        tls: TlsEnd,
        proxy: CuttingProxy,
        names: PrivateNames | None,
        database: PostgresqlServer | None,
    ) -> None:
        self.site = site
        self.tls = tls
        self.proxy = proxy
        self.names = names
        """None where nothing can be mounted: the service has no name then."""
        self.database = database
        """None where the ledger is in a file."""
        self.restarts = 0
        """How often the daemon, once it was ready, ended by itself and was started again."""
        self.process: subprocess.Popen[bytes] | None = None
        self.clock = site.root.parent.parent / "clock"  # not where a disk is filled
        self._plain = dict(site.environment)
        self._before = 0
        """How often a daemon was ready before the one that runs was started."""

    @classmethod
    @contextmanager
    def built(
        cls, root: Path, *, named: bool, database: PostgresqlServer | None = None
    ) -> Iterator[Stand]:
        """Build a stand in an empty folder, its service running; its daemon is not started."""
        with ExitStack() as stack:
            site = TestSite.make(root / "site")
            sandbox = stack.enter_context(SandboxProcess(site.state, "--charge-repeats"))
            names = PrivateNames(root / "names") if named else None
            if names is not None:
                stack.callback(names.close)
            host = "127.0.0.1" if names is None else NAME
            tls = TlsEnd(root / "tls", sandbox.address, host)
            stack.callback(tls.close)
            proxy = CuttingProxy(tls.address)
            stack.callback(proxy.close)
            address = f"https://{host}:{proxy.port}"
            site.edit("gateway.yaml", lambda text: _behind(text, address, tls.authority))
            if database is not None:
                move_to(database, site, _DATABASE)
            made = cls(site, tls, proxy, names, database)
            made.buy()
            try:
                yield made
            finally:
                made.end()

    def delivered(self) -> list[str]:
        """Return the names in the outbox."""
        return sorted(path.name for path in self.site.outbox.rglob("*") if path.is_file())

    def buy(self) -> None:
        """Buy more than all schedules can use."""
        with self.ledger() as ledger:
            ledger.buy(Package("sandbox", 1_000_000, datetime.now(UTC).date()), "user:test")

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """Open the site's ledger, to look into it."""
        ledger: Ledger
        if self.database is not None:
            ledger = PostgresqlLedger(self.database.address(_DATABASE), SystemClock())
        else:
            ledger = SqliteLedger(self.ledger_file, SystemClock())
        try:
            yield ledger
        finally:
            ledger.close()

    @property
    def ledger_file(self) -> Path:
        """Return the file of a ledger that is in one."""
        return self.site.state / "ledger.sqlite"

    @property
    def inside(self) -> tuple[str, ...]:
        """Return the words before a command that is to see what the daemon sees mounted."""
        return () if self.names is None else self.names.inside

    def keep_alive(self) -> None:
        """Start the daemon when it does not run."""
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            if code not in (0, -signal.SIGKILL) and self.site.readies > self._before:
                self.restarts += 1
        self._before = self.site.readies
        self.process = self.site.start((*self.inside, *_TELLING, *SEALGATE))

    def threads(self) -> list[str]:
        """End the daemon by letting it say where each of its threads is; return that."""
        begin = len(self.site.daemon_says())
        self.signal(signal.SIGABRT)
        if self.process is not None:
            self.process.wait(60)
        return self.site.daemon_says()[begin:].splitlines()

    def be_ready(self) -> None:
        """Start the daemon when it does not run, and wait until it says that it is ready."""
        self.keep_alive()
        wait_for("the daemon is ready", lambda: self.site.readies > self._before, seconds=180)

    def refused(self) -> str:
        """Start a daemon that must end by itself and never be ready; return what it said."""
        self.signal(signal.SIGKILL)
        begin, self._before = len(self.site.daemon_says()), self.site.readies
        self.process = self.site.start((*self.inside, *SEALGATE))
        code = self.process.wait(_REFUSING_SECONDS)
        said = self.site.daemon_says()[begin:]
        assert code == _REFUSED, f"exit code {code}: {said}"
        assert "sealgate: ready" not in said, said
        return said

    def readers(self) -> list[int]:
        """Return the processes that read documents for the daemon."""
        if self.process is None:
            return []
        found: list[int] = []
        for children in Path(f"/proc/{self.process.pid}/task").glob("*/children"):
            with suppress(OSError):
                found += [int(number) for number in children.read_text().split()]
        return sorted(number for number in found if _reads(number))

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the daemon, if it runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            if number is signal.SIGKILL:
                self.process.wait()

    def with_clock(self, *, faked: bool) -> None:
        """Restart the daemon in good order, under a clock that can be stepped or the real one."""
        self.stop()
        self.site.environment = dict(self._plain)
        if faked:
            self.step(0)
            python = self.site.root.parent / "python"
            python.mkdir(exist_ok=True)
            (python / "sitecustomize.py").write_text(_SLEEP)
            self.site.environment |= {
                "LD_PRELOAD": str(CLOCK_LIBRARIES[0]),
                "FAKETIME_TIMESTAMP_FILE": str(self.clock),
                "FAKETIME_NO_CACHE": "1",
                "DONT_FAKE_MONOTONIC": "1",
                "PYTHONPATH": str(python),
            }
        self.be_ready()

    def step(self, seconds: int) -> None:
        """Let the clock be off by seconds, in one step."""
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}\n")
        fresh.replace(self.clock)

    def stop(self) -> None:
        """End the daemon in good order."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def end(self) -> None:
        """End whatever still runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def _reads(process: int) -> bool:
    try:
        return b"gateway.pdf.child" in Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False


def _behind(text: str, address: str, authority: Path) -> str:
    """Return a configuration whose services are reached at `address`, paying for repeats."""
    text = text.replace("sandbox://", f"{address}/")
    text = re.sub(r"( +)(url: https:.*\n)", rf"\1\2\1ca_file: {authority}\n", text)
    return re.sub(r" +idempotent: true.*\n", _TERMS, text)
