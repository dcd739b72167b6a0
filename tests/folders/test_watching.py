"""Events are hints: they come when they can, and their lack is told, never raised."""

from __future__ import annotations

import errno
import queue
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from watchdog.events import (
    DirCreatedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileMovedEvent,
    FileSystemEvent,
)
from watchdog.observers.inotify import InotifyEmitter

from gateway.folders.watch import FolderWatch, _Handler
from tests.folders.site import PDF, Site

DEADLINE = 10.0


class Bell:
    """Collects the names that a watch calls out."""

    def __init__(self) -> None:
        self._rung: queue.Queue[str] = queue.Queue()

    def ring(self, name: str) -> None:
        """Take note of one call."""
        self._rung.put(name)

    def wait(self) -> str:
        """Return the next name called; fail when none is before the deadline."""
        try:
            return self._rung.get(timeout=DEADLINE)
        except queue.Empty:
            pytest.fail(f"no event within {DEADLINE:g} s")

    def quiet(self) -> None:
        """Forget what has been called so far."""
        while not self._rung.empty():
            self._rung.get()

    @property
    def silent(self) -> bool:
        """Tell whether nothing was called since."""
        return self._rung.empty()


@pytest.fixture
def bell() -> Bell:
    """Return a bell."""
    return Bell()


@pytest.fixture
def watch(bell: Bell) -> Iterator[FolderWatch]:
    """Return a watch that rings the bell, stopped at the end."""
    made = FolderWatch(bell.ring)
    yield made
    made.stop()


def test_a_dropped_file_rings(site: Site, watch: FolderWatch, bell: Bell) -> None:
    """A file dropped anywhere below the inbox calls out the inbox's name."""
    (site.drop / "sub").mkdir()
    watch.add("main", site.drop, recursive=True, events=True)
    assert watch.mode("main") == "events"
    (site.drop / "sub" / "a.pdf").write_bytes(PDF)
    assert bell.wait() == "main"


def test_a_claim_holds_no_event_back(site: Site, watch: FolderWatch, bell: Bell) -> None:
    """What comes in behind a file that has left, as claimed ones do, is told at once."""
    watch.add("main", site.drop, recursive=False, events=True)
    longest = []
    for number in range(5):
        (site.drop / "old.pdf").write_bytes(PDF)
        bell.wait()
        time.sleep(0.02)  # so that both its events have rung
        bell.quiet()
        (site.drop / "old.pdf").rename(site.root / f"claimed-{number}.pdf")
        began = time.monotonic()
        (site.drop / "new.pdf").write_bytes(PDF)
        bell.wait()
        longest.append(time.monotonic() - began)
        (site.drop / "new.pdf").unlink()
    assert min(longest) < 0.3, longest


@pytest.mark.parametrize(
    ("event", "rings"),
    [
        (FileCreatedEvent("/in/a.pdf"), True),
        (FileClosedEvent("/in/sub/a.pdf"), True),
        (FileCreatedEvent(b"/in/caf\xe9.pdf"), True),
        (FileMovedEvent("/in/a.pdf.part", "/in/a.pdf"), True),
        (DirMovedEvent("", "/in/batch"), True),
        (FileCreatedEvent("/in/a.pdf.part"), False),
        (FileMovedEvent("/in/a.pdf", "/in/.sealgate/job-1.pdf"), False),
        (DirCreatedEvent("/in/.sealgate"), False),
        (FileClosedEvent("/in/@eaDir/a.pdf"), False),
    ],
)
def test_only_names_that_may_be_taken_ring(bell: Bell, event: FileSystemEvent, rings: bool) -> None:
    """Unfinished and hidden names call nobody; what is renamed to a final name does."""
    _Handler("/in", lambda: bell.ring("main")).on_any_event(event)
    assert bell.silent is not rings


def test_a_scan_does_not_announce_itself(
    site: Site, watch: FolderWatch, bell: Bell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading the inbox causes no event, else a scan would follow upon each scan for ever."""
    heard: list[str] = []
    monkeypatch.setattr(
        _Handler,
        "on_any_event",
        lambda _, event: (heard.append(event.src_path), bell.ring("main")),
    )
    for number in range(20):
        (site.drop / f"{number}").mkdir()
        (site.drop / f"{number}" / "a.pdf").write_bytes(PDF)
    inbox = site.inbox()
    watch.add("main", site.drop, recursive=True, events=True)
    for _ in range(3):
        for candidate in inbox.examine()[0]:
            assert inbox.looks_complete(candidate)
    # Events come in order: what the scans had caused would have come before this one.
    (site.drop / "end.pdf").write_bytes(PDF)
    bell.wait()
    assert set(heard) == {str(site.drop / "end.pdf")}


def test_a_folder_deleted_and_made_again_is_watched_again(
    site: Site, watch: FolderWatch, bell: Bell
) -> None:
    """After the watched folder was replaced, the next refresh watches the new one."""
    watch.add("main", site.drop, recursive=True, events=True)
    shutil.rmtree(site.drop)
    watch.refresh()
    assert watch.mode("main") == "polling (the folder is not there)"
    site.drop.mkdir()
    watch.refresh()
    assert watch.mode("main") == "events"
    bell.quiet()
    (site.drop / "a.pdf").write_bytes(PDF)
    assert bell.wait() == "main"


def test_a_folder_replaced_between_two_scans_is_watched_again(
    site: Site, watch: FolderWatch, bell: Bell
) -> None:
    """A new folder under the same name is told from the old one."""
    watch.add("main", site.drop, recursive=True, events=True)
    site.drop.rename(site.root / "aside")
    site.drop.mkdir()
    watch.refresh()
    bell.quiet()
    (site.drop / "a.pdf").write_bytes(PDF)
    assert bell.wait() == "main"


def test_a_tree_moved_in_is_watched_from_then_on(
    site: Site, tmp_path: Path, watch: FolderWatch, bell: Bell
) -> None:
    """Files dropped later into a folder that was moved in ring as well."""
    (tmp_path / "batch" / "deep").mkdir(parents=True)
    watch.add("main", site.drop, recursive=True, events=True)
    (tmp_path / "batch").rename(site.drop / "batch")
    assert bell.wait() == "main"


def test_a_missing_folder_is_polled_for(site: Site, watch: FolderWatch) -> None:
    """An inbox that is not there yet is no error, and the mode says why."""
    watch.add("main", site.root / "later", recursive=True, events=True)
    assert watch.mode("main") == "polling (the folder is not there)"
    (site.root / "later").mkdir()
    watch.refresh()
    assert watch.mode("main") == "events"


def test_a_system_out_of_watches_is_polled(
    site: Site, watch: FolderWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When no watch can be had, the mode says why; when there is one again, it is used."""

    def refuse(_: object) -> None:
        raise OSError(errno.ENOSPC, "inotify watch limit reached")

    with monkeypatch.context() as full:
        full.setattr(InotifyEmitter, "on_thread_start", refuse)
        watch.add("main", site.drop, recursive=True, events=True)
        assert watch.mode("main").startswith("polling (no watch could be set: inotify watch limit")
    watch.refresh()
    assert watch.mode("main") == "events"


def test_events_can_be_switched_off(site: Site, watch: FolderWatch, bell: Bell) -> None:
    """An inbox that is to be polled has no watch, also after a refresh."""
    watch.add("main", site.drop, recursive=True, events=False)
    watch.refresh()
    assert watch.mode("main").startswith("polling (events are switched off")
    (site.drop / "a.pdf").write_bytes(PDF)
    assert bell.silent
