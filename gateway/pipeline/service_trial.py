"""A trial of a digest service: a random digest is signed end to end, step by step."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from cryptography import x509

from gateway.core.errors import SealgateError, ServiceFault
from gateway.core.services import ServiceSettings
from gateway.pipeline.charging import charged
from gateway.pipeline.desk import price_of
from gateway.pipeline.equipment import Equipment
from gateway.ports import Authorization, Credential, DigestService, Outcome, Quotas


@dataclass(frozen=True)
class TrialStep:
    """One step, and how it went."""

    service: str
    step: str
    result: str
    """`ok`, or the code of what went wrong."""
    milliseconds: int | None
    detail: str


def try_service(equipment: Equipment, settings: ServiceSettings) -> list[TrialStep]:
    """Sign a random digest; it is charged: a trial costs what a document costs."""
    service = equipment.services[settings.name]
    return _Trial(service, settings, equipment.quotas).steps()


def try_timestamps(equipment: Equipment, name: str | None) -> Iterable[TrialStep]:
    """Ask each time-stamp authority, or one of them, for a token over random bytes."""
    for timestamper in equipment.authorities.timestampers:
        if name in (None, timestamper.name):
            ask = partial(_stamp, equipment, timestamper.name)
            yield _step(timestamper.name, "time-stamp", ask)


class _Trial:
    """The steps of one service, each only when those before it went well."""

    def __init__(self, service: DigestService, settings: ServiceSettings, quotas: Quotas) -> None:
        self._service = service
        self._price = replace(price_of(settings), repeats=None)
        self._quotas = quotas
        self._steps: list[TrialStep] = []
        self._credential: Credential | None = None
        self._authorization: Authorization | None = None

    def steps(self) -> list[TrialStep]:
        """Carry the steps out and return them."""
        works = (
            ("credential", self._describe),
            ("authorize", self._authorize),
            ("sign", self._sign),
        )
        for name, work in works:
            self._steps.append(_step(self._service.name, name, work))
            if self._steps[-1].result != "ok":
                break
            if name == "credential" and self._credential is not None:
                self._steps += _certificates(self._service.name, self._credential)
        return self._steps

    def _describe(self) -> str:
        self._credential = credential = self._service.credential()
        return (
            f"{credential.id}: {credential.signature_algorithm} with "
            f"{credential.digest_algorithm}, up to {credential.batch} digests a call"
        )

    def _authorize(self) -> str:
        assert self._credential is not None  # noqa: S101  # the step before went well
        name = self._credential.digest_algorithm
        digest = hashlib.new(name, secrets.token_bytes(32)).digest()
        self._authorization = self._service.authorize((digest,))
        return "SAD" if self._authorization.token else "not needed"

    def _sign(self) -> str:
        assert self._authorization is not None  # noqa: S101  # the step before went well
        (digest,) = self._authorization.digests
        with charged(self._quotas, self._price, "", digest):
            (outcome,) = self._service.sign(self._authorization)
            signature = _made(outcome)
        return f"{len(signature)} bytes, checked against digest and certificate"


def _made(outcome: Outcome) -> bytes:
    if isinstance(outcome, ServiceFault):
        raise outcome
    return outcome


def _stamp(equipment: Equipment, name: str) -> str:
    token = equipment.authorities.ask(name, "", secrets.token_bytes(32))
    return f"a token of {len(token)} bytes, checked against the request"


def _step(service: str, step: str, work: Callable[[], str]) -> TrialStep:
    began = time.monotonic()
    try:
        detail, result = work(), "ok"
    except SealgateError as error:
        detail, result = f"{error.sentence} {error.remedy}", error.code
    return TrialStep(service, step, result, round((time.monotonic() - began) * 1000), detail)


def _certificates(service: str, credential: Credential) -> Iterable[TrialStep]:
    """Show the chain, a certificate a step, the signer first."""
    for number, der in enumerate(credential.chain):
        certificate = x509.load_der_x509_certificate(der)
        days = f"{certificate.not_valid_before_utc:%Y-%m-%d} to "
        days += f"{certificate.not_valid_after_utc:%Y-%m-%d}"
        name = certificate.subject.rfc4514_string()
        yield TrialStep(service, f"certificate {number + 1}", "ok", None, f"{name}, valid {days}")
