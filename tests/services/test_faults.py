"""Each way a service can fail: the right code, and whether it can have cost money."""

from __future__ import annotations

import hashlib
import socket
import threading
from dataclasses import replace

import pytest

from gateway.core.errors import Charge, ServiceFault
from gateway.core.services import CscSettings, ServiceSettings
from gateway.services.csc import CscService
from gateway.wiring import SystemClock
from tests.services.conftest import Sandbox

DIGEST = (hashlib.sha256(b"faults").digest(),)


def fault_of(service: CscService) -> ServiceFault:
    """Sign, and return the fault that comes of it."""
    with pytest.raises(ServiceFault) as failed:
        service.sign(service.authorize(DIGEST))
    return failed.value


@pytest.mark.parametrize(
    ("method", "kind", "code", "charge"),
    [
        ("signatures/signHash", "503", "service.failed", Charge.UNKNOWN),
        ("signatures/signHash", "refuse-429", "service.busy", Charge.NEVER),
        ("signatures/signHash", "out-of-quota", "service.out-of-quota", Charge.NEVER),
        ("signatures/signHash", "cut-before", "service.no-answer", Charge.UNKNOWN),
        ("signatures/signHash", "cut-after-charging", "service.no-answer", Charge.UNKNOWN),
        ("signatures/signHash", "truncated-json", "service.protocol", Charge.UNKNOWN),
        ("signatures/signHash", "wrong-signature", "service.wrong-signature", Charge.UNKNOWN),
        ("signatures/signHash", "wrong-count", "service.protocol", Charge.UNKNOWN),
        ("credentials/authorize", "pin-wrong", "service.authorization-refused", Charge.NEVER),
        ("credentials/authorize", "503", "service.failed", Charge.NEVER),
        ("credentials/authorize", "sad-expired", "service.authorization-expired", Charge.NEVER),
        ("credentials/info", "503", "service.failed", Charge.NEVER),
    ],
)
def test_told_faults(sandbox: Sandbox, method: str, kind: str, code: str, charge: Charge) -> None:
    """A fault of the service gets its code, and the charge is judged as carefully as can be."""
    sandbox.tell(method=method, kind=kind)
    fault = fault_of(sandbox.service())
    assert (fault.code, fault.charge) == (code, charge)
    for name in ("pin", "client-secret"):
        assert (sandbox.folder / name).read_text() not in str(fault)
    sandbox.service().sign(sandbox.service().authorize(DIGEST))


def test_asked_pause_is_passed_on(sandbox: Sandbox) -> None:
    """Retry-After of a busy service reaches whoever decides about the next attempt."""
    sandbox.tell(method="signatures/signHash", kind="refuse-429")
    assert fault_of(sandbox.service()).retry_after == 1.0


def test_slow_answer(sandbox: Sandbox) -> None:
    """An answer that does not come in time leaves open whether it was charged."""
    sandbox.tell(method="signatures/signHash", kind="slow", seconds=3)
    fault = fault_of(sandbox.service(read_timeout=1.0))
    assert (fault.code, fault.charge) == ("service.no-answer", Charge.UNKNOWN)


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("credentials/authorize", "202-first"),
        ("signatures/signHash", "async"),
        ("credentials/authorize", "unauthorized"),
    ],
)
def test_detours_succeed(sandbox: Sandbox, method: str, kind: str) -> None:
    """Answers that come later, and a token that is not accepted any more, are no faults."""
    sandbox.tell(method=method, kind=kind)
    service = sandbox.service()
    assert len(service.sign(service.authorize(DIGEST))) == 1


def test_wrong_login(sandbox: Sandbox) -> None:
    """A refused client secret is told apart from everything else."""
    oauth = sandbox.family().oauth
    assert oauth is not None
    wrong = replace(oauth, client_secret=replace(oauth.client_secret, value="no"))
    assert fault_of(sandbox.service(oauth=wrong)).code == "service.login-refused"


def test_unknown_credential(sandbox: Sandbox) -> None:
    """A credential that the service does not have is named as the trouble."""
    assert fault_of(sandbox.service("other")).code == "service.credential-unusable"


def test_credential_must_be_named_among_several(sandbox: Sandbox) -> None:
    """Without a name, a service that lists two credentials is not guessed at."""
    fault = fault_of(sandbox.service(""))
    assert fault.code == "service.credential-unusable"
    assert "2 credentials" in fault.detail


def test_sandbox_credential_in_production(sandbox: Sandbox) -> None:
    """A production site refuses a credential with the sandbox's certificates."""
    service = sandbox.service(url=f"{sandbox.address}/csc/v2", sandbox_allowed=False)
    assert fault_of(service).code == "service.sandbox-credential"


def test_nobody_listens(sandbox: Sandbox) -> None:
    """A refused connection costs nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    service = sandbox.service(url=f"http://127.0.0.1:{port}/csc/v2", oauth=None)
    fault = fault_of(service)
    assert (fault.code, fault.charge) == ("service.unreachable", Charge.NEVER)


def test_no_such_host(sandbox: Sandbox) -> None:
    """A name that cannot be resolved costs nothing."""
    fault = fault_of(sandbox.service(url="https://sealgate.invalid/csc/v2", oauth=None))
    assert (fault.code, fault.charge) == ("service.unreachable", Charge.NEVER)


def test_no_tls(sandbox: Sandbox) -> None:
    """Plain HTTP where TLS is expected costs nothing."""
    url = sandbox.address.replace("http://", "https://")
    fault = fault_of(sandbox.service(url=f"{url}/csc/v2", oauth=None))
    assert (fault.code, fault.charge) == ("service.tls", Charge.NEVER)


def test_endless_answer(sandbox: Sandbox) -> None:
    """An answer without end is cut off."""
    listener = socket.create_server(("127.0.0.1", 0))

    def pour() -> None:
        connection, _ = listener.accept()
        with connection:
            request = b""
            while not request.endswith(b"{}"):
                request += connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
            try:
                for _ in range(64):
                    connection.sendall(b" " * 65536)
            except OSError:
                return

    thread = threading.Thread(target=pour)
    thread.start()
    family = CscSettings(f"http://127.0.0.1:{listener.getsockname()[1]}", "c")
    settings = ServiceSettings("x", family)
    service = CscService(settings, family, SystemClock(), sandbox_allowed=True)
    fault = fault_of(service)
    thread.join()
    listener.close()
    assert (fault.code, "too large" in fault.detail) == ("service.protocol", True)


@pytest.mark.parametrize(
    ("path", "code"), [("nowhere", "tsa.refused"), ("usage", "tsa.wrong-token")]
)
def test_no_authority(sandbox: Sandbox, path: str, code: str) -> None:
    """What is no time-stamp authority is found out."""
    with pytest.raises(ServiceFault) as failed:
        sandbox.timestamper(f"{sandbox.address}/{path}").timestamp(DIGEST[0], "sha256")
    assert failed.value.code == code


def test_authority_unreachable(sandbox: Sandbox) -> None:
    """An authority that is down is told apart from one that refuses."""
    with pytest.raises(ServiceFault) as failed:
        sandbox.timestamper("http://127.0.0.1:9/").timestamp(DIGEST[0], "sha256")
    assert failed.value.code == "tsa.unreachable"
