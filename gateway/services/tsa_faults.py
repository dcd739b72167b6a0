"""What goes wrong with time-stamps, whichever way they come: faults with a `tsa.` code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.core.errors import Charge, ServiceFault
from gateway.services.certificate_check import UNREADABLE
from gateway.services.token_check import BadToken

_CODES = {
    "service.protocol": "tsa.wrong-token",
    "service.refused": "tsa.refused",
    "service.login-refused": "tsa.refused",
}


@contextmanager
def asking() -> Iterator[None]:
    """Turn the faults of a call into those of an authority; whatever else it is is out of reach."""
    try:
        yield
    except ServiceFault as fault:
        code = _CODES.get(fault.code, "tsa.unreachable")
        raise ServiceFault(
            code, fault.detail, charge=fault.charge, retry_after=fault.retry_after
        ) from fault


@contextmanager
def reading_token(charge: Charge) -> Iterator[None]:
    """Turn whatever is wrong with a token into `tsa.wrong-token`; `charge`: of its call."""
    try:
        yield
    except BadToken as error:
        raise ServiceFault("tsa.wrong-token", str(error), charge=charge) from error
    except UNREADABLE as error:
        # asn1crypto reads lazily and says in many ways that something is not as expected.
        what = "the answer cannot be read"
        raise ServiceFault("tsa.wrong-token", what, charge=charge) from error
