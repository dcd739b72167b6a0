"""Signals are heeded by a thread, whatever the main thread holds when they come."""

from __future__ import annotations

import subprocess
import sys

_PROGRAM = """
import os, signal, threading
from gateway.daemon.signals import heed_signals

heard, lock = threading.Event(), threading.Lock()

def heed(number):
    with lock:  # a handler of Python's own would wait for itself here
        print(signal.Signals(number).name, flush=True)
    heard.set()

heed_signals(heed, signal.SIGTERM, signal.SIGHUP)
for one in (signal.SIGHUP, signal.SIGTERM):
    with lock:
        os.kill(os.getpid(), one)
        sum(range(100_000))
    assert heard.wait(20)
    heard.clear()
"""


def test_signal_that_comes_while_a_lock_is_held() -> None:
    """The lock's holder goes on, and what is to be done about the signal is done."""
    done = subprocess.run(
        (sys.executable, "-c", _PROGRAM), capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout.split()) == (0, ["SIGHUP", "SIGTERM"]), done.stderr
