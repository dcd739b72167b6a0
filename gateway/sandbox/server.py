"""The sandbox as a web application: CSC and login by us, TSA, OCSP and CRLs by certomancer."""

from __future__ import annotations

import base64
import json
import secrets
import socket
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Request, Response

from gateway.sandbox.csc import Csc, Refused
from gateway.sandbox.faults import Fault, Faults
from gateway.sandbox.keys import folder_of, prepare
from gateway.sandbox.pki import NAME, architecture
from gateway.sandbox.usage import Usage

_TOKEN_SECONDS = 3600
_FAULT = TypeAdapter(Fault)


class SandboxApplication:
    """WSGI application of one site's sandbox."""

    def __init__(self, state: Path, *, charge_repeats: bool, latency: float) -> None:
        folder = prepare(state)
        self._secret = (folder_of(state) / "client-secret").read_text()
        self._usage = Usage(folder / "usage.sqlite", charge_repeats=charge_repeats)
        self._faults = Faults()
        built = architecture(folder)
        self._csc = Csc(state, built, self._usage, latency)
        self._tokens: dict[str, float] = {}
        self._pki = built.application()
        self.wsgi = DispatcherMiddleware(self, {f"/{NAME}": self._unmounted})

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Serve one request."""
        answer: Iterable[bytes] = self._respond(Request(environ))(environ, start_response)
        return answer

    def _unmounted(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Serve certomancer's paths, which begin with the name of the architecture."""
        environ["PATH_INFO"] = environ["SCRIPT_NAME"] + environ["PATH_INFO"]
        environ["SCRIPT_NAME"] = ""
        return self._pki(environ, start_response)

    def _respond(self, request: Request) -> Any:
        path = request.path.strip("/")
        if path == "usage":
            return _json(200, self._usage.all())
        if path == "faults" and request.method == "POST":
            return self._tell_fault(request)
        if path == "tsa":
            return self._timestamp
        if path == "oauth2/token":
            return self._token(request)
        method = path.removeprefix("csc/v2/")
        if method in self._csc.methods and request.method == "POST":
            return self._serve(method, request)
        return _json(404, {"error": "not_found"})

    def _tell_fault(self, request: Request) -> Response:
        try:
            self._faults.tell(_FAULT.validate_json(request.get_data()))
        except ValidationError as error:
            return _json(400, {"error": "invalid_request", "error_description": str(error)})
        return _json(200, {})

    def _timestamp(self, environ: dict[str, Any], start_response: Any) -> Any:
        self._usage.count("timestamps")
        environ["PATH_INFO"] = f"/{NAME}/tsa/tsa"
        return self._pki(environ, start_response)

    def _token(self, request: Request) -> Response:
        """Give a bearer token for the client's secret (RFC 6749, 4.4)."""
        login = request.authorization
        known = login is not None and login.username == "sealgate"
        if not known or not secrets.compare_digest(str(login.password), self._secret):  # type: ignore[union-attr]
            return _json(401, {"error": "invalid_client"})
        token = secrets.token_urlsafe(24)
        self._tokens[token] = time.monotonic() + _TOKEN_SECONDS
        return _json(
            200, {"access_token": token, "token_type": "Bearer", "expires_in": _TOKEN_SECONDS}
        )

    def _serve(self, method: str, request: Request) -> Any:
        if method == "signatures/signHash":
            self._usage.count("sign_requests")
        fault = self._faults.next(method)
        early = _before(fault)
        if early is not None:
            return early
        if method != "info" and not self._logged_in(request):
            return _json(401, {"error": "invalid_token", "error_description": "Invalid token"})
        try:
            body = json.loads(request.get_data() or b"{}")
            status, answer = self._csc.methods[method](body, fault)
        except Refused as refused:
            return _json(
                refused.status,
                {"error": refused.error, "error_description": refused.description},
            )
        except (ValueError, AttributeError):
            return _json(400, {"error": "invalid_request", "error_description": "not JSON"})
        return _after(fault, status, answer)

    def _logged_in(self, request: Request) -> bool:
        login = request.authorization
        token = login.token if login is not None and login.type == "bearer" else None
        return self._tokens.get(token or "", 0.0) > time.monotonic()


class _Cut:
    """An answer that never comes: the connection is closed instead."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        connection: socket.socket = environ["werkzeug.socket"]
        connection.shutdown(socket.SHUT_RDWR)
        raise ConnectionError("cut on purpose")


def _before(fault: Fault | None) -> Any:
    """Return what a fault makes of a call before it is carried out, or None."""
    if fault is None:
        return None
    if fault.kind == "slow":
        time.sleep(fault.seconds)
    if fault.kind == "cut-before":
        return _Cut()
    refusals = {
        "refuse-429": (429, "too_many_requests"),
        "503": (503, "server_error"),
        "out-of-quota": (402, "quota_exceeded"),
        "unauthorized": (401, "invalid_token"),
    }
    if fault.kind not in refusals:
        return None
    status, error = refusals[fault.kind]
    answer = _json(status, {"error": error, "error_description": error})
    if status == 429:
        answer.headers["Retry-After"] = "1"
    return answer


def _after(fault: Fault | None, status: int, answer: dict[str, Any]) -> Any:
    """Return what a fault makes of the answer to a call that was carried out."""
    kind = fault.kind if fault is not None else None
    if kind == "cut-after-charging":
        return _Cut()
    if kind == "wrong-signature":
        flawed = [base64.b64encode(bytes(256)).decode() for _ in answer["signatures"]]
        return _json(status, {"signatures": flawed})
    if kind == "wrong-count":
        return _json(status, {"signatures": answer["signatures"] * 2})
    if kind == "truncated-json":
        return Response(json.dumps(answer)[:-20], status, content_type="application/json")
    return _json(status, answer)


def _json(status: int, value: dict[str, Any]) -> Response:
    return Response(json.dumps(value), status, content_type="application/json")
