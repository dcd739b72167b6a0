"""Which HTTP status a fault has: what pages and the API have in common (RFC 9110, 15)."""

from __future__ import annotations

from gateway.core.errors import Scope, SealgateError

STATUSES = {
    Scope.ACCESS: 403,
    Scope.USAGE: 400,
    Scope.DOCUMENT: 422,
    Scope.SITE: 503,
    Scope.SERVICE: 503,
}
"""Those of whole scopes; of others, pages and API know by themselves."""
_MISSING = ("usage.unknown-", "usage.no-file")
_FLOW = "flow.unknown"


def is_missing(fault: SealgateError) -> bool:
    """Tell whether what was asked for is not there."""
    return fault.code.startswith(_MISSING) or fault.code == _FLOW
