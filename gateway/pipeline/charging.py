"""Charge an attempt that belongs to no job's event: a time-stamp, or a test of a service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.core.errors import Charge, ServiceFault
from gateway.core.quota import ChargeState, Price
from gateway.ports import Quotas


@contextmanager
def charged(quotas: Quotas, price: Price, job: str, digest: bytes) -> Iterator[None]:
    """Commit that a call is about to leave, and how it ended: only a refusal costs nothing.

    Raises what the block raises, and `ServiceFault` (`service.out-of-quota`,
    `service.repeat-limit`) before it.
    """
    number = quotas.begin(price, job, digest.hex())
    try:
        yield
    except ServiceFault as fault:
        unknown = fault.charge is Charge.UNKNOWN
        quotas.end(number, ChargeState.UNKNOWN if unknown else ChargeState.RELEASED, fault.code)
        raise
    quotas.end(number, ChargeState.CONFIRMED)
