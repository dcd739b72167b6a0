"""A real OpenID provider on loopback, made stricter (PKCE) and, when a test wants it, dishonest."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import flask
import jwt
import requests
from werkzeug.serving import make_server

Tamper = Callable[[dict[str, Any], str], str]
"""Makes an ID token of its claims and the provider's private key in PEM."""


@dataclass
class OpenIdProvider:
    """The provider, and what a test wants of it."""

    issuer: str
    tamper: Tamper | None = None
    """Makes the ID token that is answered instead of the right one."""
    challenges: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    """How clients authenticated themselves at the token endpoint."""

    def add(self, subject: str, **claims: object) -> None:
        """Let the provider know a person."""
        added = requests.put(f"{self.issuer}/users/{subject}", json=claims, timeout=10)
        added.raise_for_status()

    def visit(self, url: str, subject: str = "") -> dict[str, str]:
        """Log in at an address as a browser would, or deny; return the query it comes back with."""
        form = {"sub": subject} if subject else {"action": "deny"}
        answer = requests.post(url, data=form, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))


@contextmanager
def serving() -> Iterator[OpenIdProvider]:
    """Run the provider while a block runs."""
    with warnings.catch_warnings():
        # Of modules that it imports, and that will have other names one day.
        warnings.simplefilter("ignore")
        from oidc_provider_mock import app as make_app
        from oidc_provider_mock._app import AuthorizationCodeGrant

    # It takes public clients when they register, and then refuses their requests.
    AuthorizationCodeGrant.TOKEN_ENDPOINT_AUTH_METHODS = [
        *("client_secret_basic", "client_secret_post", "none"),
    ]
    app = make_app(require_nonce=True)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    provider = OpenIdProvider(f"http://127.0.0.1:{server.server_port}")
    app.before_request(lambda: _check_pkce(provider))
    app.after_request(lambda response: _tampered(provider, response))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _check_pkce(provider: OpenIdProvider) -> tuple[flask.Response, int] | None:
    """Take codes only with the verifier of a challenge (RFC 7636, 4.6); ours does not by itself."""
    request = flask.request
    if request.path == "/oauth2/authorize":
        assert request.args["code_challenge_method"] == "S256"
        provider.challenges.append(request.args["code_challenge"])
    if request.path == "/oauth2/token":
        digest = hashlib.sha256(request.form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if challenge not in provider.challenges:
            return flask.jsonify({"error": "invalid_grant"}), 400
        sent = parse_qs(request.get_data(as_text=True))
        kind = request.authorization.type if request.authorization else "none"
        provider.logins.append("post" if "client_secret" in sent else kind)
    return None


def _tampered(provider: OpenIdProvider, response: flask.Response) -> flask.Response:
    if flask.request.path == "/oauth2/token" and provider.tamper and response.status_code == 200:
        value = json.loads(response.get_data())
        claims = jwt.decode(value["id_token"], options={"verify_signature": False})
        key = flask.g.oidc_provider_mock_storage.jwk.as_pem(private=True).decode()
        value["id_token"] = provider.tamper(claims, key)
        response.set_data(json.dumps(value))
    return response
