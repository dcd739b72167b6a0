"""The sandbox as a process: shared, restarted, killed, and never left behind."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.core.errors import ServiceFault
from gateway.sandbox.process import SandboxProcess, served_at
from tests.services.conftest import Sandbox

DIGEST = hashlib.sha256(b"process").digest()


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a state folder whose keys are made once for all tests here."""
    return tmp_path_factory.mktemp("process") / "state"


def wait_for(what: str, condition: Callable[[], bool]) -> None:
    """Poll until `condition` holds."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.02)


def server_of(state: Path) -> int:
    """Return the process number of the running server."""
    return int((state / "sandbox" / "address").read_text().split()[1])


def gone(number: int) -> bool:
    """Tell whether a process has ended."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    return False


def sign(state: Path) -> bytes:
    """Sign DIGEST, as the production client does."""
    service = Sandbox(state).service()
    return service.sign(service.authorize((DIGEST,)))[0]


def test_counter_and_signatures_survive_a_kill(state: Path) -> None:
    """A server killed in mid-life knows afterwards what it charged, and charges nothing again."""
    with SandboxProcess(state):
        first, before = sign(state), Sandbox(state).usage()
        os.kill(server_of(state), signal.SIGKILL)
    with SandboxProcess(state):
        assert Sandbox(state).usage() == before
        assert sign(state) == first
        assert Sandbox(state).usage()["charged"] == before["charged"]


def test_repeats_are_charged_when_told_so(state: Path) -> None:
    """With --charge-repeats the same digest again costs again."""
    with SandboxProcess(state, "--charge-repeats"):
        before = Sandbox(state).usage()["charged"]
        sign(state)
        sign(state)
        assert Sandbox(state).usage()["charged"] == before + 2


def test_running_one_is_shared(state: Path) -> None:
    """A second user gets the server of the first, and keeps it when the first one leaves."""
    first, second = SandboxProcess(state), SandboxProcess(state)
    first.__enter__()
    second.__enter__()
    number = server_of(state)
    assert first.address == second.address == served_at(state / "sandbox")
    first.__exit__(None, None, None)
    assert sign(state)
    assert server_of(state) == number
    second.__exit__(None, None, None)
    wait_for("the server ends with its last user", lambda: not served_at(state / "sandbox"))


def test_ends_when_its_user_is_killed(state: Path) -> None:
    """A user that dies without a word leaves no server behind."""
    program = (
        "import sys, pathlib, time; from gateway.sandbox.process import SandboxProcess\n"
        "with SandboxProcess(pathlib.Path(sys.argv[1])): print('up', flush=True); time.sleep(60)"
    )
    user = subprocess.Popen((sys.executable, "-c", program, state), stdout=subprocess.PIPE)
    assert user.stdout is not None
    assert user.stdout.readline() == b"up\n"
    number = server_of(state)
    user.kill()
    user.wait(10)
    user.stdout.close()
    wait_for("the server ends", lambda: gone(number))
    assert not served_at(state / "sandbox")


def test_address_of_a_dead_server_is_not_believed(state: Path) -> None:
    """An address that a killed server left is not taken for a running one."""
    with SandboxProcess(state):
        number = server_of(state)
        os.kill(number, signal.SIGKILL)
        wait_for("it is dead", lambda: not served_at(state / "sandbox"))
        assert (state / "sandbox" / "address").exists()
    with SandboxProcess(state) as again:
        assert server_of(state) != number
        assert again.address == served_at(state / "sandbox")


def test_many_starters_one_server(tmp_path: Path) -> None:
    """Users that start at once, on a site without keys, end up with one server and one set."""
    addresses: list[str] = []
    barrier = threading.Barrier(3)
    leave = threading.Event()

    def use() -> None:
        barrier.wait(10)
        with SandboxProcess(tmp_path) as sandbox:
            addresses.append(sandbox.address)
            leave.wait(30)

    threads = [threading.Thread(target=use) for _ in range(3)]
    for thread in threads:
        thread.start()
    wait_for("all are served", lambda: len(addresses) == 3)
    assert len(set(addresses)) == 1
    assert sign(tmp_path)
    leave.set()
    for thread in threads:
        thread.join(20)
    wait_for("the server ended", lambda: not served_at(tmp_path / "sandbox"))


def test_server_that_cannot_start_says_why(state: Path) -> None:
    """A server that ends at once is reported with its last words, not after a long wait."""
    began = time.monotonic()
    with pytest.raises(ServiceFault) as failed, SandboxProcess(state, "--no-such-option"):
        raise AssertionError("it started")
    assert failed.value.code == "service.unreachable"
    assert "--no-such-option" in failed.value.detail
    assert time.monotonic() - began < 20


def test_with_parent(state: Path) -> None:
    """A server started for a parent that is not there any more ends."""
    command = (sys.executable, "-m", "gateway.sandbox", "--state", str(state), "--with-parent", "1")
    if os.getpid() == 1:
        pytest.skip("these tests run as process 1, so --with-parent 1 would be true")
    assert subprocess.run(command, timeout=30, check=False).returncode == 0
    assert not served_at(state / "sandbox")
