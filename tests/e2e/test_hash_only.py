"""Promise 1: no byte of a document, its name or its text leaves the site."""

from __future__ import annotations

import base64
import json
import re
import secrets
import socket
import threading
from pathlib import Path

import pytest

from gateway.sandbox.process import SandboxProcess
from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite

DOCUMENTS = 10


class RecordingProxy:
    """Forwards TCP to one address and records every byte of both directions."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.sent = bytearray()
        self.received = bytearray()
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(self._target)
            for source, sink, record in (
                (near, far, self.sent),
                (far, near, self.received),
            ):
                threading.Thread(
                    target=self._pump, args=(source, sink, record), daemon=True
                ).start()

    @staticmethod
    def _pump(source: socket.socket, sink: socket.socket, record: bytearray) -> None:
        try:
            while data := source.recv(65536):
                record += data
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            source.close()

    def close(self) -> None:
        """Stop accepting."""
        self._listener.close()


def disguises(needle: bytes) -> set[bytes]:
    """Return how a needle could appear: in clear, in hex, and in base64 at any alignment."""
    found = {needle, needle.lower(), needle.hex().encode(), needle.hex().upper().encode()}
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + needle).rstrip(b"=")
        inner = encoded[4:-2] if shift else encoded[:-2]
        found |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return found


@pytest.fixture
def proxied(site: TestSite) -> RecordingProxy:
    """Put a recording proxy between the site and everything remote."""
    with SandboxProcess(site.state):
        address = (site.state / "sandbox" / "address").read_text().split()[0]
        host, port = address.removeprefix("http://").split(":")
        proxy = RecordingProxy((host, int(port)))
        site.edit(
            "gateway.yaml",
            lambda text: re.sub(r"sandbox://", f"http://127.0.0.1:{proxy.port}/", text),
        )
        yield proxy
        proxy.close()


def test_nothing_of_ten_documents_leaves(
    site: TestSite, tmp_path: Path, proxied: RecordingProxy
) -> None:
    """Bytes, text, names and metadata of ten distinctive documents are in nothing we send."""
    needles: list[bytes] = []
    for _ in range(DOCUMENTS):
        name, text, title = (f"{kind}{secrets.token_hex(8)}" for kind in ("name", "text", "title"))
        document = write_pdf(tmp_path / f"{name}.pdf", (text,), title=title)
        site.drop(document)
        data = document.read_bytes()
        needles += [name.encode(), text.encode(), title.encode(), data[300:324], data[-64:-40]]
    done = site.call("sweep")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(site.delivered()) == DOCUMENTS
    sent = bytes(proxied.sent)
    # Digests that wait at the same time go out in one call, so they are what is counted.
    calls = [json.loads(body) for body in re.findall(rb'\{[^{}]*"signAlgo"[^{}]*\}', sent)]
    assert sum(len(call["hashes"]) for call in calls) == DOCUMENTS, "the proxy saw the calls"
    assert b"/tsa" in sent
    for needle in needles:
        for disguise in disguises(needle):
            assert disguise not in sent
            assert disguise.lower() not in sent.lower()
