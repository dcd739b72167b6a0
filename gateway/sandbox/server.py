"""The sandbox as a web application: CSC and login by us, TSA, OCSP and CRLs by certomancer."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Request, Response

from gateway.sandbox import faulty
from gateway.sandbox.csc import Csc, Refused
from gateway.sandbox.faults import Fault, Faults
from gateway.sandbox.keys import folder_of, prepare
from gateway.sandbox.pki import NAME, architecture
from gateway.sandbox.usage import Usage

_TOKEN_SECONDS = 3600
_PKI_METHODS = {"ocsp": "ocsp", "crls": "crl"}
"""What faults call certomancer's services, by the step of the path that names them."""
_FAULT = TypeAdapter(Fault)


class SandboxApplication:
    """WSGI application of one site's sandbox."""

    def __init__(self, state: Path, *, charge_repeats: bool, latency: float) -> None:
        folder = prepare(state)
        self._secret = (folder_of(state) / "client-secret").read_text()
        self._usage = Usage(folder / "usage.sqlite", charge_repeats=charge_repeats)
        self._faults = Faults()
        self._built = architecture(folder)
        self._csc = Csc(state, self._built, self._usage, latency)
        self._tokens: dict[str, float] = {}
        self._refresh: set[str] = set()
        self._pki = self._built.application()
        self.wsgi = DispatcherMiddleware(self, {f"/{NAME}": self._unmounted})

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Serve one request."""
        answer: Iterable[bytes] = self._respond(Request(environ))(environ, start_response)
        return answer

    def _unmounted(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Serve certomancer's paths, which begin with the name of the architecture."""
        kind = _PKI_METHODS.get(environ["PATH_INFO"].split("/")[1], "pki")
        early = faulty.instead(self._faults.next(kind))
        if early is not None:
            return early(environ, start_response)
        environ["PATH_INFO"] = environ["SCRIPT_NAME"] + environ["PATH_INFO"]
        environ["SCRIPT_NAME"] = ""
        return self._pki(environ, start_response)

    def _respond(self, request: Request) -> Any:
        path = request.path.strip("/")
        if path in ("usage", "usage.csv", "faults"):
            return self._control(path, request)
        method = path.removeprefix("csc/v2/")
        known = method in ("tsa", "oauth2/token", "auth/login") or method in self._csc.methods
        if request.method != "POST" or not known:
            return _json(404, {"error": "not_found"})
        return self._serve(method, request)

    def _control(self, path: str, request: Request) -> Response:
        """Serve what is for whoever watches the sandbox, not for its customers."""
        if path == "usage":
            return _json(200, self._usage.all())
        if path == "usage.csv":
            return Response(self._usage.listed(), content_type="text/csv")
        if request.method == "POST":
            return self._tell_fault(request)
        if request.method == "DELETE":
            self._faults.forget()
            return _json(200, {})
        return _json(404, {"error": "not_found"})

    def _tell_fault(self, request: Request) -> Response:
        try:
            self._faults.tell(_FAULT.validate_json(request.get_data()))
        except ValidationError as error:
            return _json(400, {"error": "invalid_request", "error_description": str(error)})
        return _json(200, {})

    def _timestamp(self, request: Request) -> Response:
        try:
            token = self._built.time_stamp(request.get_data())
        except ValueError:
            return Response("not a time-stamp request", 400)
        self._usage.count("timestamps")
        return Response(token, content_type="application/timestamp-reply")

    def _token(self, request: Request) -> Response:
        """Give a bearer token for the client's secret (RFC 6749, 4.4)."""
        if not self._is_client(request):
            return _json(401, {"error": "invalid_client"})
        return _json(200, self._new_token())

    def _password_login(self, request: Request) -> Response:
        """Give a bearer token for name and password, or for a refresh token (11.2)."""
        try:
            refresh = str(json.loads(request.get_data() or b"{}").get("refresh_token", ""))
        except (ValueError, AttributeError):
            return _json(400, {"error": "invalid_request"})
        if refresh in self._refresh:
            self._refresh.discard(refresh)
        elif refresh or not self._is_client(request):
            return _json(401, {"error": "authentication_error"})
        fresh = secrets.token_urlsafe(24)
        self._refresh.add(fresh)
        return _json(200, self._new_token() | {"refresh_token": fresh})

    def _is_client(self, request: Request) -> bool:
        login = request.authorization
        given = str(login.password) if login is not None else ""
        known = login is not None and login.username == "sealgate"
        return known and secrets.compare_digest(given.encode(), self._secret.encode())

    def _new_token(self) -> dict[str, Any]:
        token = secrets.token_urlsafe(24)
        self._tokens[token] = time.monotonic() + _TOKEN_SECONDS
        return {"access_token": token, "token_type": "Bearer", "expires_in": _TOKEN_SECONDS}

    def _serve(self, method: str, request: Request) -> Any:
        """Serve one call with the fault it is to have: before, while, or after it is done."""
        if method == "signatures/signHash":
            self._usage.count("sign_requests")
        fault = self._faults.next(method)
        early = faulty.instead(fault)
        if early is not None:
            return early
        if method == "tsa":
            return faulty.afterwards(fault, self._timestamp(request))
        if method == "oauth2/token":
            return faulty.afterwards(fault, self._token(request))
        if method == "auth/login":
            return faulty.afterwards(fault, self._password_login(request))
        if method != "info" and not self._logged_in(request):
            return _json(401, {"error": "invalid_token", "error_description": "Invalid token"})
        return faulty.afterwards(fault, self._call(method, request, fault))

    def _call(self, method: str, request: Request, fault: Fault | None) -> Response:
        try:
            body = json.loads(request.get_data() or b"{}")
            status, answer = self._csc.methods[method](body, fault)
        except Refused as refused:
            told = {"error": refused.error, "error_description": refused.description}
            return _json(refused.status, told)
        except (ValueError, TypeError, AttributeError):
            return _json(400, {"error": "invalid_request", "error_description": "not as specified"})
        return _json(status, answer)

    def _logged_in(self, request: Request) -> bool:
        login = request.authorization
        token = login.token if login is not None and login.type == "bearer" else None
        return self._tokens.get(token or "", 0.0) > time.monotonic()


def _json(status: int, value: dict[str, Any]) -> Response:
    return Response(json.dumps(value), status, content_type="application/json")
