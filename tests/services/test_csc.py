"""The CSC client beyond its contract: polling, rotation, gates, and when a charge is in doubt."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from gateway.core.errors import Charge, ServiceFault
from gateway.core.secret import Secret
from gateway.core.services import LoginSettings
from gateway.ports import Authorization
from tests.services.conftest import Sandbox

DIGEST = hashlib.sha256(b"csc").digest()


def fault_at_sign(sandbox: Sandbox, **told: object) -> ServiceFault:
    """Tell a fault after the authorisation is there, then sign; return what comes of it."""
    service = sandbox.service()
    authorization = service.authorize((DIGEST,))
    sandbox.tell(**told)
    with pytest.raises(ServiceFault) as failed:
        service.sign(authorization)
    assert authorization.token not in str(failed.value)
    return failed.value


@pytest.mark.parametrize(
    ("kind", "code", "charge"),
    [
        ("redirect", "service.refused", Charge.UNKNOWN),
        ("html", "service.protocol", Charge.UNKNOWN),
        ("oversized", "service.protocol", Charge.UNKNOWN),
    ],
)
def test_strange_answers(sandbox: Sandbox, kind: str, code: str, charge: Charge) -> None:
    """An answer that is none leaves open whether the signature was made."""
    fault = fault_at_sign(sandbox, method="signatures/signHash", kind=kind)
    assert (fault.code, fault.charge) == (code, charge)


def test_reordered_answers(sandbox: Sandbox) -> None:
    """Signatures in another order than the digests each find their own."""
    digests = tuple(hashlib.sha256(text).digest() for text in (b"one", b"two", b"three"))
    service = sandbox.service()
    expected = service.sign(service.authorize(digests))
    sandbox.tell(method="signatures/signHash", kind="reordered")
    assert service.sign(service.authorize(digests)) == expected


def test_half_of_a_batch_answered(sandbox: Sandbox) -> None:
    """What was answered is kept; for the rest it is open whether it was charged."""
    digests = tuple(hashlib.sha256(b"half %d" % number).digest() for number in range(4))
    service = sandbox.service()
    sandbox.tell(method="signatures/signHash", kind="wrong-count")
    first, second, *missing = service.sign(service.authorize(digests))
    assert isinstance(first, bytes)
    assert isinstance(second, bytes)
    for fault in missing:
        assert isinstance(fault, ServiceFault)
        assert (fault.code, fault.charge) == ("service.protocol", Charge.UNKNOWN)


@pytest.mark.parametrize("kind", ["503", "cut-before", "refuse-429"])
def test_failed_poll_leaves_charge_open(sandbox: Sandbox, kind: str) -> None:
    """Once the service accepted the digests, not being able to ask for the result is doubt."""
    service = sandbox.service()
    authorization = service.authorize((DIGEST,))
    sandbox.tell(method="signatures/signHash", kind="async")
    sandbox.tell(method="signatures/signPolling", kind=kind)
    with pytest.raises(ServiceFault) as failed:
        service.sign(authorization)
    assert failed.value.charge is Charge.UNKNOWN


def test_login_failing_before_the_paid_call_costs_nothing(sandbox: Sandbox) -> None:
    """A token that runs out and cannot be renewed is found out before anything is sent."""
    service = sandbox.service()
    authorization = service.authorize((DIGEST,))
    sandbox.tell(method="signatures/signHash", kind="unauthorized")
    sandbox.tell(method="oauth2/token", kind="cut-before")
    with pytest.raises(ServiceFault) as failed:
        service.sign(authorization)
    assert (failed.value.code, failed.value.charge) == ("service.no-answer", Charge.NEVER)


def test_token_is_renewed_once_for_many_threads(sandbox: Sandbox) -> None:
    """Eight threads whose token is refused get one new one between them, and all succeed."""
    service = sandbox.service()
    service.credential()
    login = service._calls._login
    assert login is not None
    stale = login.token()
    barrier = threading.Barrier(8)
    tokens: list[str] = []

    def work() -> None:
        barrier.wait(10)
        login.forget(stale)
        tokens.append(login.token())

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tokens) == 8
    assert len(set(tokens)) == 1
    assert tokens[0] != stale


def test_wrong_signature_makes_it_look_again(sandbox: Sandbox) -> None:
    """After a signature that does not fit, the credential is asked for anew: it may be renewed."""
    service = sandbox.service()
    before = service.credential()
    sandbox.tell(method="signatures/signHash", kind="wrong-signature")
    with pytest.raises(ServiceFault):
        service.sign(service.authorize((DIGEST,)))
    after = service.credential()
    assert after == before
    assert after is not before


def test_pin_that_is_needed_but_not_configured(sandbox: Sandbox) -> None:
    """A credential that asks for a PIN is not tried without one: attempts are counted there."""
    service = sandbox.service(pin=None)
    with pytest.raises(ServiceFault) as failed:
        service.authorize((DIGEST,))
    assert failed.value.code == "service.authorization-refused"
    assert "PIN" in failed.value.detail


def test_wrong_pin_is_sent_once(sandbox: Sandbox) -> None:
    """A wrong PIN is not repeated by itself, and not told to anybody."""
    service = sandbox.service(pin=Secret("pin", "00000000wrong"))
    with pytest.raises(ServiceFault) as failed:
        service.authorize((DIGEST,))
    assert failed.value.code == "service.authorization-refused"
    assert "00000000wrong" not in str(failed.value)


def test_more_digests_than_one_authorisation_may_be_for(sandbox: Sandbox) -> None:
    """A batch that is too large is refused before it is sent."""
    service = sandbox.service()
    digests = (DIGEST,) * (service.credential().batch + 1)
    with pytest.raises(ServiceFault) as failed:
        service.authorize(digests)
    assert (failed.value.code, failed.value.charge) == ("service.refused", Charge.NEVER)


def test_foreign_authorisation(sandbox: Sandbox) -> None:
    """A SAD the service does not know, as after its restart, is asked for anew."""
    with pytest.raises(ServiceFault) as failed:
        sandbox.service().sign(Authorization((DIGEST,), "unknown"))
    assert failed.value.code == "service.authorization-expired"
    assert failed.value.charge is Charge.NEVER


def test_sandbox_that_is_not_running(sandbox: Sandbox, tmp_path: Path) -> None:
    """A sandbox address without a sandbox is a service that cannot be reached."""
    service = sandbox.service(state=tmp_path)
    with pytest.raises(ServiceFault) as failed:
        service.credential()
    assert failed.value.code == "service.unreachable"
    assert "not running" in failed.value.detail


def test_one_authorisation_is_extended(sandbox: Sandbox) -> None:
    """With `extend`, the PIN is presented once; further digests are bound to the transaction."""
    service = sandbox.service(extend=True)
    for number in range(5):
        digest = hashlib.sha256(b"extended %d" % number).digest()
        assert isinstance(service.sign(service.authorize((digest,)))[0], bytes)
        sandbox.tell(method="credentials/authorize", kind="pin-wrong")
    sandbox.forget_faults()


def test_transaction_ends_when_it_is_used_up_or_refused(sandbox: Sandbox) -> None:
    """After as many signatures as were authorised, or a refusal, a new one is asked for."""
    service = sandbox.service(extend=True)
    for number in range(20):
        digest = hashlib.sha256(b"used up %d" % number).digest()
        assert isinstance(service.sign(service.authorize((digest,)))[0], bytes)
    sandbox.tell(method="signatures/signHash", kind="refuse-429")
    with pytest.raises(ServiceFault):
        service.sign(service.authorize((DIGEST,)))
    assert isinstance(service.sign(service.authorize((DIGEST,)))[0], bytes)


@pytest.mark.parametrize(
    ("signature", "digest", "expected"),
    [
        ("rsassa_pss", "sha384", ("rsassa_pss", "sha384")),
        ("", "sha512", ("rsassa_pkcs1v15", "sha512")),
        ("", "", ("rsassa_pkcs1v15", "sha256")),
    ],
)
def test_chosen_algorithms(
    sandbox: Sandbox, signature: str, digest: str, expected: tuple[str, str]
) -> None:
    """The configured algorithm is asked for, and what comes back is a signature of it."""
    service = sandbox.service(signature_algorithm=signature, digest_algorithm=digest)
    credential = service.credential()
    assert (credential.signature_algorithm, credential.digest_algorithm) == expected
    value = hashlib.new(expected[1], b"chosen").digest()
    assert isinstance(service.sign(service.authorize((value,)))[0], bytes)


@pytest.mark.parametrize(
    "wanted", [{"signature_algorithm": "ecdsa"}, {"digest_algorithm": "sha3_256"}]
)
def test_algorithm_that_is_not_offered(sandbox: Sandbox, wanted: dict[str, str]) -> None:
    """What the credential cannot do is told before anything is asked of it."""
    if wanted.get("digest_algorithm"):
        wanted = wanted | {"credential": "sandbox-seal-ec"}
    with pytest.raises(ServiceFault) as failed:
        sandbox.service(**wanted).credential()
    assert failed.value.code == "service.credential-unusable"


def test_password_login_is_renewed(sandbox: Sandbox) -> None:
    """A token that is not accepted any more is renewed by its refresh token, then by password."""
    login = LoginSettings("sealgate", Secret("x", (sandbox.folder / "client-secret").read_text()))
    service = sandbox.service(oauth=None, login=login)
    for _ in range(2):
        sandbox.tell(method="credentials/authorize", kind="unauthorized")
        assert service.authorize((DIGEST,)).token
    sandbox.tell(method="credentials/authorize", kind="unauthorized")
    sandbox.tell(method="auth/login", kind="unauthorized")
    assert service.authorize((DIGEST,)).token


def test_wrong_password(sandbox: Sandbox) -> None:
    """A refused password is told apart, and is not in what is said."""
    login = LoginSettings("sealgate", Secret("x", "wrong-pass-word"))
    with pytest.raises(ServiceFault) as failed:
        sandbox.service(oauth=None, login=login).credential()
    assert failed.value.code == "service.login-refused"
    assert "wrong-pass-word" not in str(failed.value)
