"""Who has a file open, as the kernel tells it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.folders import leases
from gateway.folders.leases import open_for_writing
from tests.folders.site import PDF, Site


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file that nobody has open."""
    path = tmp_path / "a.pdf"
    path.write_bytes(PDF)
    return path


@contextmanager
def other_process(program: str, *arguments: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Python program that says one line when it is ready and ends with its input."""
    command = (sys.executable, "-c", program, *map(str, arguments))
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as child:
        assert child.stdout is not None
        assert child.stdout.readline()
        yield child
        assert child.stdin is not None
        child.stdin.close()


_WRITER = "import sys; f = open(sys.argv[1], 'ab'); print('open', flush=True); sys.stdin.read()"
_MAPPER = """
import mmap, sys
with open(sys.argv[1], 'r+b') as file:
    mapped = mmap.mmap(file.fileno(), 0)
print('mapped', flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("program", [_WRITER, _MAPPER])
def test_a_writer_in_another_process_is_seen(file: Path, program: str) -> None:
    """A writer is seen while it has the file open, or mapped, and a stopped one as well."""
    with other_process(program, file) as writer:
        assert open_for_writing(file)
        writer.send_signal(signal.SIGSTOP)
        assert open_for_writing(file)
        writer.send_signal(signal.SIGCONT)
    assert not open_for_writing(file)


def test_a_writer_that_opens_in_that_moment_waits_no_longer_than_that(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gets its file, the signal about it does no harm, and nothing of the lease stays."""
    opened = threading.Event()

    def write() -> None:
        with file.open("ab"):
            opened.set()

    real = leases.fcntl.fcntl
    writer = threading.Thread(target=write)

    def slowly(descriptor: int, command: int, argument: int) -> object:
        if argument == leases.fcntl.F_UNLCK:
            writer.start()
            # The kernel holds the writer up, and tells us, until the lease is given back.
            assert not opened.wait(0.2)
        return real(descriptor, command, argument)

    monkeypatch.setattr(leases.fcntl, "fcntl", slowly)
    assert not open_for_writing(file)
    assert opened.wait(10)
    writer.join()


def test_many_writers_beside_many_questions_are_never_refused(file: Path) -> None:
    """Opening and asking at the same time harms neither side."""
    ended = threading.Event()
    faults: list[OSError] = []

    def write() -> None:
        try:
            for _ in range(2000):
                with file.open("ab"):
                    pass
        except OSError as error:
            faults.append(error)
        ended.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not ended.is_set():
        open_for_writing(file)
    writer.join()
    assert faults == []
    assert not open_for_writing(file)


_LEASED = """
import fcntl, signal, sys
file = open(sys.argv[1], 'rb')
signal.signal(signal.SIGIO, lambda *_: fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK))
fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
print('leased', flush=True)
for line in sys.stdin:
    pass
"""


def test_a_file_that_a_file_server_has_leased_is_waited_for(file: Path) -> None:
    """Nothing blocks on an exclusive lease; the file counts as open until it is given back."""
    with other_process(_LEASED, file):
        assert open_for_writing(file)
    assert not open_for_writing(file)


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")
def test_another_users_file_cannot_be_told(tmp_path: Path) -> None:
    """Without the right to lease other people's files, a file counts as closed."""
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o755)
    file = folder / "a.pdf"
    file.write_bytes(PDF)
    file.chmod(0o644)
    asking = (
        "import os, sys; from gateway.folders.leases import open_for_writing;"
        "folder = os.open(sys.argv[1], os.O_RDONLY);"
        "print(open_for_writing('a.pdf', dir_fd=folder));"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534);"
        "print(open_for_writing('a.pdf', dir_fd=folder))"
    )
    with file.open("r+b"):
        done = subprocess.run(
            (sys.executable, "-c", asking, str(folder)), capture_output=True, text=True, check=False
        )
    assert done.stdout == "True\nFalse\n", done.stderr


def test_links_and_network_shares_are_not_asked_about(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link is never followed, and on a share nothing is asked that could disturb others."""
    (tmp_path / "real").write_bytes(PDF)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with (tmp_path / "real").open("ab"), pytest.raises(OSError, match="symbolic"):
        open_for_writing(tmp_path / "link")
    path = site.drop / "a.pdf"
    path.write_bytes(PDF)
    inbox = site.inbox()
    with path.open("ab"):
        (candidate,) = inbox.examine()[0]
        assert inbox.being_written(candidate)
        monkeypatch.setattr("gateway.folders.inbox.is_network", lambda fstype: True)
        inbox.examine()
        assert not inbox.being_written(candidate)
