"""What a reader that was taken over cannot do: each is tried, by the system call that does it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.core.errors import DocumentFault
from gateway.core.site import Limits
from gateway.pdf import landlock, reader_process
from gateway.pdf.reader import ReaderDocuments
from tests.e2e.pages import write_pdf
from tests.pdf.test_reader import children

TAKEN_OVER = """
import ctypes, errno, os, sys
from pathlib import Path
from gateway.core.errors import DocumentFault
from gateway.pdf import child, given, wire

HOME = Path(sys.argv[0]).parent
OTHER, BEFORE = str(HOME / "other.pdf"), str(HOME / "folder")
PARENT = f"/proc/{os.getppid()}"
LIBC = ctypes.CDLL(None, use_errno=True)

def call(number, *arguments):
    if LIBC.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

def opening(path, flags=os.O_RDONLY):
    return lambda: os.close(os.open(path, flags, 0o600))

def attempts(named, descriptor):
    yield "read another's document", opening(OTHER)
    yield "read its own by name", opening(named)
    yield "read its own anew for writing", opening(f"/proc/self/fd/{descriptor}", os.O_RDWR)
    yield "write to what is read", lambda: os.pwrite(descriptor, b"x", 0)
    yield "shorten what is read", lambda: os.ftruncate(descriptor, 0)
    yield "list a folder", lambda: os.listdir(HOME)
    yield "write another's document", opening(OTHER, os.O_WRONLY)
    yield "shorten another's document", lambda: os.truncate(OTHER, 0)
    yield "make a file", opening(HOME / "new", os.O_WRONLY | os.O_CREAT)
    yield "make a passing file", opening("/tmp", os.O_WRONLY | os.O_TMPFILE)
    yield "make a folder", lambda: os.mkdir(HOME / "new")
    yield "make a link", lambda: os.link(OTHER, HOME / "new")
    yield "make a symbolic link", lambda: os.symlink(OTHER, HOME / "new")
    yield "make a pipe", lambda: os.mkfifo(HOME / "new")
    yield "rename", lambda: os.rename(OTHER, HOME / "new")
    yield "remove", lambda: os.unlink(OTHER)
    yield "remove a folder", lambda: os.rmdir(BEFORE)
    yield "change a mode", lambda: os.chmod(OTHER, 0o666)
    yield "change its own mode", lambda: os.fchmod(descriptor, 0o666)
    yield "change an owner", lambda: os.chown(OTHER, os.getuid(), os.getgid())
    yield "change times", lambda: os.utime(OTHER, (0, 0))
    yield "change an attribute", lambda: os.setxattr(OTHER, "user.x", b"x")
    yield "read who users are", opening("/etc/passwd")
    yield "read its parent's secrets", opening(f"{PARENT}/environ")
    yield "read its parent's memory", opening(f"{PARENT}/mem")
    yield "take its parent's files", opening(f"{PARENT}/fd/0")
    yield "see what its parent was started with", opening(f"{PARENT}/cmdline")
    yield "signal its parent", lambda: os.kill(os.getppid(), 0)
    if os.uname().machine == "x86_64":
        yield "signal its parent's thread", lambda: call(234, os.getppid(), os.getppid(), 0)
        yield "bound its parent", lambda: call(302, os.getppid(), 7, None, None)

def serve(request):
    stream = given.open_given(request.path)
    done = []
    for what, attempt in attempts(request.path, stream.fileno()):
        try:
            attempt()
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.EACCES, errno.EBADF, errno.EINVAL):
                done.append(f"{what}: {error}")
        else:
            done.append(what)
    if len(os.listdir("/usr/share")) < 1 or not stream.read(5) == b"%PDF-":
        done.append("its own files are gone")
    raise DocumentFault("pdf.unreadable", "; ".join(done) or "nothing")

child._serve = serve
child.main()
"""


@pytest.fixture(scope="module")
def plain() -> Iterator[ReaderDocuments]:
    """Return one reader."""
    documents = ReaderDocuments(Limits(readers=1))
    yield documents
    documents.close()


@pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")
def test_files_are_out_of_reach(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A reader that does what an intruder would gets at no file but the one it was given."""
    script = tmp_path / "taken-over.py"
    script.write_text(TAKEN_OVER)
    (tmp_path / "folder").mkdir()
    other = write_pdf(tmp_path / "other.pdf")
    before = other.read_bytes(), other.stat()
    monkeypatch.setattr(reader_process, "_CHILD", (sys.executable, str(script)))
    documents = ReaderDocuments(Limits(readers=1))
    try:
        with pytest.raises(DocumentFault) as refused:
            documents.examine(write_pdf(tmp_path / "own.pdf"))
        assert refused.value.detail == "nothing"
    finally:
        documents.close()
    assert (other.read_bytes(), other.stat()) == before
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        *("folder", "other.pdf", "own.pdf", "taken-over.py")
    ]


def test_readers_are_confined(plain: ReaderDocuments, tmp_path: Path) -> None:
    """The kernel holds a filter over each reader, which has one thread when it comes."""
    others = set(children())
    plain.examine(write_pdf(tmp_path / "plain.pdf"))
    assert plain.kept_from.network
    assert plain.kept_from.files == bool(landlock.version())
    started = set(children()) - others
    assert started
    for child in started:
        status = Path(f"/proc/{child}/status").read_text()
        assert "\nSeccomp:\t2\n" in status
        assert "\nNoNewPrivs:\t1\n" in status
        assert "\nThreads:\t1\n" in status


def test_a_reader_keeps_no_file(plain: ReaderDocuments, tmp_path: Path) -> None:
    """What a reader was given for a request it does not have during the next one."""
    counts: list[dict[int, int]] = []
    for number in range(3):
        path = write_pdf(tmp_path / f"{number}.pdf")
        plain.draw(path, 0, tmp_path / "page.png")
        counts.append({child: _files_of(child) for child in children()})
    assert counts == counts[:1] * 3


def _files_of(child: int) -> int:
    return sum(1 for _ in Path(f"/proc/{child}/fd").iterdir())


def test_what_was_begun_in_vain_is_gone(plain: ReaderDocuments, tmp_path: Path) -> None:
    """A file that a failing request was to make is not there; one that was there stays."""
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\nnothing")
    old = tmp_path / "old.png"
    old.write_bytes(b"a picture")
    for picture in (tmp_path / "new.png", old):
        with pytest.raises(DocumentFault):
            plain.draw(broken, 0, picture)
    assert not (tmp_path / "new.png").exists()
    assert old.read_bytes() == b"a picture"


def test_without_landlock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel that offers none leaves the process as it is, and says so."""
    monkeypatch.setattr(landlock, "version", lambda: 0)
    assert not landlock.forbid_files()


ATTEMPTS = """
import asyncio, ctypes, os, resource, socket, subprocess, sys, threading
from gateway.pdf.confinement import confine
assert confine()
for attempt in (
    lambda: socket.socket(),
    lambda: socket.socket(socket.AF_UNIX),
    lambda: subprocess.run(["true"]),
    lambda: os.fork(),
    lambda: os.kill(os.getppid(), 0),
    lambda: os.chmod(".", 0o777),
    lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CORE),
):
    try:
        attempt()
    except OSError as error:
        assert error.errno == 1, error
    else:
        sys.exit("it was possible")
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
threads = [threading.Thread(target=print) for _ in range(3)]
for thread in threads:
    thread.start()
asyncio.run(asyncio.sleep(0))
os.abort()
"""


def test_what_is_forbidden() -> None:
    """A confined process has no sockets, programs and processes, but threads, loops, an end."""
    done = subprocess.run(
        (sys.executable, "-c", ATTEMPTS), capture_output=True, text=True, check=False
    )
    assert done.returncode == -6, done.stderr
