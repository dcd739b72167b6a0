"""The OpenID provider, as it is on the network: discovery, keys, tokens, claims.

OpenID Connect Core 1.0 with Discovery 1.0, the code flow of RFC 6749 with PKCE (RFC 7636). Every
failure is an `AccessFault` (`access.provider`) whose detail says what was objected to.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import threading
import time
from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

import jwt

from gateway.core.errors import AccessFault, ServiceFault
from gateway.core.names import display
from gateway.core.people_settings import OidcSettings
from gateway.ports import IdentityClaims
from gateway.services.http import Answer, HttpSession

_FORM = "application/x-www-form-urlencoded"
_KEPT = 3600.0
"""Seconds for which configuration and keys are kept."""
_AGAIN = 60.0
"""Seconds after which keys are fetched again because of a token with an unknown one."""
_LEEWAY = 60
_ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
)
"""Only those by which nobody who can check a signature can make one."""
_SUBJECT = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,254}")
"""At most 255 ASCII characters (Core, 2)."""
_ADDRESS = re.compile(r"[\x21-\x7e]{1,2000}")
"""What may stand in an address (RFC 3986, 2)."""
_REQUIRED = ("iss", "sub", "aud", "exp", "iat")


class OidcProvider:
    """The port `IdentityProvider`; safe to use from several threads."""

    def __init__(self, settings: OidcSettings, redirect: str) -> None:
        self._settings = settings
        self._session = HttpSession(settings.access)
        self._redirect = redirect
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, dict[str, object]]] = {}

    def authorization(self, state: str, nonce: str, verifier: str) -> str:
        """Return the address to which a browser is sent."""
        endpoint = self._endpoint("authorization_endpoint")
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._redirect,
            "scope": " ".join(self._settings.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    def claims(self, code: str, nonce: str, verifier: str) -> IdentityClaims:
        """Return what the provider says of whoever came back with a code."""
        tokens = self._tokens(code, verifier)
        token = tokens.get("id_token")
        if not isinstance(token, str) or not token.isascii():
            raise _fault("its answer has no ID token")
        values = self._checked(token, nonce)
        wanted = {self._settings.login_claim, self._settings.name_claim}
        wanted |= {self._settings.groups_claim} if self._settings.groups else set()
        access = tokens.get("access_token")
        if wanted - values.keys() and isinstance(access, str):
            values = self._with_user_info(values, access)
        return IdentityClaims(self._settings.issuer, str(values["sub"]), values)

    def _tokens(self, code: str, verifier: str) -> dict[str, object]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect,
            "code_verifier": verifier,
        }
        secret, client = self._settings.client_secret, self._settings.client_id
        login = None
        methods = self._configuration().get("token_endpoint_auth_methods_supported")
        basic = not isinstance(methods, list) or "client_secret_basic" in methods
        if secret is not None and basic:
            # RFC 6749, 2.3.1: both are form-encoded before they are put together.
            login = (quote(client, safe=""), quote(secret.value, safe=""))
        else:
            form["client_id"] = client
            form |= {"client_secret": secret.value} if secret is not None else {}
        return self._call(self._endpoint("token_endpoint"), form=form, login=login)

    def _checked(self, token: str, nonce: str) -> dict[str, object]:
        """Return the claims of an ID token (Core, 3.1.3.7)."""
        try:
            header = jwt.get_unverified_header(token)
            claims: dict[str, object] = jwt.decode(
                token,
                self._key(header),
                algorithms=list(_ALGORITHMS),
                audience=self._settings.client_id,
                issuer=self._settings.issuer,
                leeway=_LEEWAY,
                options={"require": list(_REQUIRED)},
            )
        except jwt.PyJWTError as error:
            raise _fault(f"its ID token is not valid: {error}") from error
        audience = claims["aud"]
        several = isinstance(audience, list) and len(audience) > 1
        if (several or "azp" in claims) and claims.get("azp") != self._settings.client_id:
            raise _fault("its ID token is meant for somebody else")
        if _SUBJECT.fullmatch(str(claims["sub"])) is None:
            raise _fault("its ID token is about nobody")
        told = str(claims.get("nonce", "")).encode("utf-8", "surrogatepass")
        if not hmac.compare_digest(told, nonce.encode()):
            raise _fault("its ID token does not belong to this log-in")
        return claims

    def _key(self, header: Mapping[str, object]) -> jwt.PyJWK:
        """Return the key that an ID token says it is signed with."""
        number = header.get("kid")
        for newest in (False, True):
            keys = self._document("keys", self._endpoint("jwks_uri"), newest=newest).get("keys")
            usable = [
                key
                for key in (keys if isinstance(keys, list) else [])
                if isinstance(key, dict)
                and key.get("kty") in ("RSA", "EC", "OKP")
                and key.get("use", "sig") == "sig"
                and (number is None or key.get("kid") == number)
            ]
            if len(usable) == 1:
                return jwt.PyJWK(usable[0], algorithm=str(header.get("alg")))
        raise _fault("its ID token is signed with a key that it does not publish")

    def _with_user_info(self, values: dict[str, object], access: str) -> dict[str, object]:
        """Add what only the UserInfo endpoint tells (Core, 5.3)."""
        if "userinfo_endpoint" not in self._configuration():
            return values
        more = self._call(self._endpoint("userinfo_endpoint"), bearer=access)
        if more.get("sub") != values["sub"]:
            raise _fault("its UserInfo is about somebody else")
        return more | values

    def _configuration(self) -> dict[str, object]:
        base = self._settings.issuer.rstrip("/")
        found = self._document("configuration", f"{base}/.well-known/openid-configuration")
        if found.get("issuer") != self._settings.issuer:
            raise _fault(f"it calls itself {display(str(found.get('issuer')))[:200]}")
        return found

    def _endpoint(self, name: str) -> str:
        address = self._configuration().get(name)
        if not isinstance(address, str):
            raise _fault(f"it has no {name}")
        # Plain HTTP was allowed for the issuer only where it is this machine.
        schemes = {"https", urlsplit(self._settings.issuer).scheme}
        try:
            scheme = urlsplit(address).scheme if _ADDRESS.fullmatch(address) else None
        except ValueError:
            scheme = None
        if scheme is None:
            raise _fault(f"its {name} is no address")
        if scheme not in schemes:
            raise _fault(f"its {name} is not https")
        return address

    def _document(self, name: str, address: str, *, newest: bool = False) -> dict[str, object]:
        """Return a document that is kept for a while."""
        with self._lock:
            now = time.monotonic()
            since, found = self._known.get(name, (0.0, {}))
            if not found or now - since > (_AGAIN if newest else _KEPT):
                found = self._call(address)
                self._known[name] = (now, found)
            return found

    def _call(
        self,
        address: str,
        *,
        form: Mapping[str, str] | None = None,
        login: tuple[str, str] | None = None,
        bearer: str = "",
    ) -> dict[str, object]:
        """Return the JSON object at an address."""
        headers = {"Accept": "application/json"}
        headers |= {"Authorization": f"Bearer {bearer}"} if bearer else {}
        try:
            if form is None:
                answer = self._session.send("GET", address, b"", "", headers=headers)
            else:
                body = urlencode(form).encode()
                answer = self._session.post(address, body, _FORM, headers=headers, login=login)
        except ServiceFault as fault:
            raise _fault(fault.detail or fault.code) from fault
        return _object(answer)


def _object(answer: Answer) -> dict[str, object]:
    try:
        value = answer.json()
    except ServiceFault as fault:
        raise _fault(f"it answers {answer.status}, and no JSON object") from fault
    if answer.status != 200:
        # The error's code is from a closed list (RFC 6749, 5.2); its description is anything.
        raise _fault(f"it answers {answer.status}: {display(str(value.get('error', '')))[:100]}")
    return value


def _fault(what: str) -> AccessFault:
    return AccessFault("access.provider", what)
