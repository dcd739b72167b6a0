"""What a fault does to a call: instead of it, or to its answer afterwards."""

from __future__ import annotations

import base64
import json
import socket
import time
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.wrappers import Response

from gateway.sandbox.faults import Fault

_REFUSALS = {
    "refuse-429": (429, "too_many_requests"),
    "503": (503, "server_error"),
    "out-of-quota": (402, "quota_exceeded"),
    "unauthorized": (401, "invalid_token"),
}


class Cut:
    """An answer that never comes: the connection is closed instead."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Close the connection; the server takes it for a client that went away."""
        connection: socket.socket = environ["werkzeug.socket"]
        connection.shutdown(socket.SHUT_RDWR)
        raise ConnectionError("cut on purpose")


def instead(fault: Fault | None) -> Response | Cut | None:
    """Return what a call is answered with instead of being carried out, or None."""
    if fault is None:
        return None
    if fault.kind == "slow":
        time.sleep(fault.seconds)
    if fault.kind == "cut-before":
        return Cut()
    if fault.kind == "html":
        page = "<html><body>Welcome to the hotel's network</body></html>"
        return Response(page, 200, content_type="text/html")
    if fault.kind == "redirect":
        return Response("", 307, headers={"Location": "/csc/v2/elsewhere"})
    if fault.kind not in _REFUSALS:
        return None
    status, error = _REFUSALS[fault.kind]
    answer = _json(status, {"error": error, "error_description": error})
    if status == 429:
        answer.headers["Retry-After"] = f"{max(1, round(fault.seconds))}"
    return answer


def afterwards(fault: Fault | None, answer: Response) -> Response | Cut:
    """Return what becomes of the answer to a call that was carried out."""
    kind = fault.kind if fault is not None else ""
    if kind == "cut-after-charging":
        return Cut()
    if answer.status_code != 200:
        return answer
    content = answer.get_data()
    if kind == "truncated-json":
        answer.set_data(content[:-20])
    elif kind == "oversized":
        answer.set_data(content + b" " * (2 << 20))
    elif kind in _OF_SIGNATURES:
        told = json.loads(content)
        told["signatures"] = _OF_SIGNATURES[kind](told["signatures"])
        answer.set_data(json.dumps(told))
    return answer


_OF_SIGNATURES: dict[str, Callable[[list[str]], list[str]]] = {
    "wrong-signature": lambda made: [base64.b64encode(bytes(256)).decode() for _ in made],
    "wrong-count": lambda made: made[: len(made) // 2],
    "reordered": lambda made: made[::-1],
}


def _json(status: int, value: dict[str, str]) -> Response:
    return Response(json.dumps(value), status, content_type="application/json")
