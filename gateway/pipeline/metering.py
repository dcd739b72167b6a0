"""Measuring stages and remote calls: the one place where durations are taken.

Services, authorities and evidence are measured from outside, by wrappers that the wiring puts
around them, so that none of them knows that it is watched.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from time import monotonic

from gateway.core.errors import SealgateError, ServiceFault
from gateway.core.states import State
from gateway.ports import (
    Authorization,
    Credential,
    DigestService,
    Evidence,
    EvidenceSource,
    Meter,
    Outcome,
    Timestamper,
)

OK = "ok"

STAGES = {
    State.CLAIMED: "accept",
    State.ACCEPTED: "plan",
    State.PLANNED: "prepare",
    State.PREPARED: "sign",
    State.SENT: "recover",
    State.SIGNED: "timestamp",
    State.TIMESTAMPED: "embed",
    State.PROVEN: "extend",
    State.EXTENDED: "document-timestamp",
    State.SEALED: "verify",
    State.VERIFIED: "deliver",
    State.DELIVERED: "archive",
    State.FAILING: "fail",
}
"""The stage that takes a job out of a state, as it is called in metrics."""


class Unmetered:
    """The port `Meter` where nobody watches."""

    def stage(self, stage: str, seconds: float) -> None:
        """Forget it."""

    def remote(self, service: str, outcome: str, seconds: float) -> None:
        """Forget it."""

    def result(self, inbox: str, outcome: str, code: str) -> None:
        """Forget it."""

    def certificate(self, service: str, ends: datetime) -> None:
        """Forget it."""


@contextmanager
def timed_stage(meter: Meter, state: State) -> Iterator[None]:
    """Measure the stage that takes a job out of `state`, however it ends."""
    began = monotonic()
    try:
        yield
    finally:
        meter.stage(STAGES[state], monotonic() - began)


@contextmanager
def timed_call(meter: Meter, service: str) -> Iterator[None]:
    """Measure a call of a service, however it ends."""
    began = monotonic()
    outcome = "internal.unexpected"
    try:
        yield
        outcome = OK
    except SealgateError as error:
        outcome = error.code
        raise
    finally:
        meter.remote(service, outcome, monotonic() - began)


class MeteredService:
    """A digest service whose paid calls are measured."""

    def __init__(self, service: DigestService, meter: Meter) -> None:
        self._service = service
        self._meter = meter
        self.name = service.name
        self.idempotent = service.idempotent

    def credential(self) -> Credential:
        """Return the credential; mostly remembered, so not measured."""
        return self._service.credential()

    def authorize(self, digests: tuple[bytes, ...]) -> Authorization:
        """Obtain permission to sign; noted only when it fails, since no other call follows then."""
        began = monotonic()
        try:
            return self._service.authorize(digests)
        except SealgateError as error:
            self._meter.remote(self.name, error.code, monotonic() - began)
            raise

    def sign(self, authorization: Authorization) -> tuple[Outcome, ...]:
        """Send the digests; a call that failed for some of them counts as failed."""
        began = monotonic()
        outcome = "internal.unexpected"
        try:
            outcomes = self._service.sign(authorization)
            refused = (one.code for one in outcomes if isinstance(one, ServiceFault))
            outcome = next(refused, OK)
        except SealgateError as error:
            outcome = error.code
            raise
        finally:
            self._meter.remote(self.name, outcome, monotonic() - began)
        return outcomes


class MeteredTimestamper:
    """A time-stamp authority whose calls are measured."""

    def __init__(self, timestamper: Timestamper, meter: Meter) -> None:
        self._timestamper = timestamper
        self._meter = meter
        self.name = timestamper.name

    def timestamp(self, digest: bytes, digest_algorithm: str) -> bytes:
        """Return the token; raises `ServiceFault`."""
        with timed_call(self._meter, self.name):
            return self._timestamper.timestamp(digest, digest_algorithm)


class MeteredEvidence:
    """Revocation data whose collection is measured, as the service `revocation`."""

    def __init__(self, source: EvidenceSource, meter: Meter) -> None:
        self._source = source
        self._meter = meter

    def of_chain(self, chain: tuple[bytes, ...]) -> Evidence:
        """Return evidence for a chain; raises `ServiceFault`."""
        with timed_call(self._meter, "revocation"):
            return self._source.of_chain(chain)

    def of_token(self, token: bytes) -> Evidence:
        """Return evidence for a token's signer; raises `ServiceFault`."""
        with timed_call(self._meter, "revocation"):
            return self._source.of_token(token)
