"""Opening the site a command is about, with its sandbox when it is an evaluation site."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from gateway.cli.output import complain
from gateway.core.errors import UsageFault
from gateway.daemon.turn import Turn
from gateway.settings import LoadedSite, sandbox_state
from gateway.wiring import Site, load_site, open_site


def root_of(folder: Path) -> Path:
    """Return the absolute folder of a site; raises `UsageFault` (`usage.no-site`)."""
    root = folder.absolute()
    if not (root / "gateway.yaml").is_file():
        raise UsageFault("usage.no-site", str(root))
    return root


def checked(folder: Path, *, with_rules: bool = True, flow: Path | None = None) -> LoadedSite:
    """Read and check a site's configuration, after the sandbox has made its keys if it is one.

    With `flow`, the definition in that file is read instead of those of the site.
    """
    root = root_of(folder)
    state = sandbox_state(root)
    if state is not None:
        from gateway.sandbox.keys import prepare

        prepare(state)
    return load_site(root, with_rules=with_rules, flow=flow)


@contextmanager
def opened(folder: Path, *, serving: bool = False, with_rules: bool = True) -> Iterator[Site]:
    """Open a site; with `serving`, its sandbox runs meanwhile if the site is one."""
    loaded = checked(folder, with_rules=with_rules)
    with ExitStack() as stack:
        if serving and loaded.settings.sandbox:
            from gateway.sandbox.process import SandboxProcess

            stack.enter_context(SandboxProcess(loaded.settings.state))
        site = open_site(loaded.settings.root, loaded)
        stack.callback(site.close)
        yield site


def actor() -> str:
    """Return who runs this command, for the signing log."""
    return f"user:{getpass.getuser()}"


def turn_of(site: Site, node: str = "") -> Turn:
    """Return whose turn it is to work on a site."""
    settings = site.loaded.settings
    seconds = settings.ledger.takeover if settings.ledger is not None else 0.0
    return Turn(settings.state, site.ledger.leases, seconds, node)


def remind_of_daemon(site: Site) -> None:
    """Say so when nobody works on the site who would take up what a command has changed."""
    if turn_of(site).worker() is None:
        complain("no daemon is running: sealgate run or sealgate sweep takes it up")
