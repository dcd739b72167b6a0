"""Second factors: codes of an authenticator (TOTP, RFC 6238), and recovery codes on paper."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field, replace

import pyotp

from gateway.core.errors import AccessFault, UsageFault
from gateway.people.sealing import KeyFile
from gateway.people.tokens import hash_of
from gateway.ports import Clock, Credentials, LoginSecrets

_SECRET = 20
"""Bytes: as long as the HMAC's hash (RFC 4226, 4)."""
_STEP = 30
_WINDOW = 1
"""Steps before and after the present one whose codes are taken: clocks differ."""
_RECOVERY_CODES = 10
_RECOVERY_BYTES = 10
"""80 random bits: nobody finds such a code from its hash."""


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator has to be told, once."""

    secret: str = field(repr=False)
    """In base32, to be typed."""
    uri: str = field(repr=False)
    """`otpauth://…`, to be shown as a QR code."""


@dataclass(frozen=True)
class SecondFactor:
    """Sets up authenticators and checks their codes."""

    credentials: Credentials
    key: KeyFile
    clock: Clock
    site: str
    """What authenticators show beside the login."""

    def begin(self, login: str, actor: str, *, session: str = "") -> Enrolment:
        """Make a new secret, which counts when `confirm` has seen a code of it.

        `session` is the one that goes on. Logged as `person.totp-begun`.
        """
        secret = secrets.token_bytes(_SECRET)
        pending = self.key.encrypt(secret, login)
        stored = replace(self.credentials.find(login), totp_pending=pending)
        details = {"login": login}
        self.credentials.save(login, stored, "person.totp-begun", details, actor, stays=session)
        written = base64.b32encode(secret).decode()
        uri = pyotp.TOTP(written).provisioning_uri(name=login, issuer_name=self.site)
        return Enrolment(written, uri)

    def confirm(self, login: str, code: str, actor: str, *, session: str = "") -> tuple[str, ...]:
        """Let the new secret count from now on; return recovery codes, to be shown once.

        Other sessions end. Logged as `person.totp-on`. Raises `UsageFault`
        (`usage.second-factor`) when nothing was begun, `AccessFault` (`access.refused`) when
        the code is wrong.
        """
        stored = self.credentials.find(login)
        if not stored.totp_pending:
            raise UsageFault("usage.second-factor", "setting it up was not begun")
        step = self._step(login, stored.totp_pending, code)
        if step is None:
            raise AccessFault("access.refused", "the code does not fit")
        codes = tuple(_recovery_code() for _ in range(_RECOVERY_CODES))
        fresh = replace(
            stored,
            totp=stored.totp_pending,
            totp_pending=b"",
            totp_step=step,
            recovery=frozenset(hash_of(_plain(one)) for one in codes),
        )
        details = {"login": login}
        self.credentials.save(login, fresh, "person.totp-on", details, actor, stays=session)
        return codes

    def remove(self, login: str, actor: str) -> None:
        """Let a user log in without a code again; logged as `person.totp-off`.

        Raises `UsageFault` (`usage.second-factor`) when there is none.
        """
        stored = self.credentials.find(login)
        if not stored.totp and not stored.totp_pending:
            raise UsageFault("usage.second-factor", f"{login} has none")
        bare = replace(stored, totp=b"", totp_pending=b"", recovery=frozenset())
        self.credentials.save(login, bare, "person.totp-off", {"login": login}, actor)

    def check_key(self, login: str) -> None:
        """Refuse a key file that cannot read a user's secret; raises `SiteFault`."""
        stored = self.credentials.find(login)
        if stored.totp:
            self.key.decrypt(stored.totp, login)

    def check(self, login: str, stored: LoginSecrets, code: str) -> bool:
        """Tell whether a code lets a user in, and take it for used: none counts twice."""
        plain = _plain(code)
        if plain.isdecimal():
            step = self._step(login, stored.totp, plain)
            return step is not None and self.credentials.spend_step(login, step)
        return self.credentials.spend_recovery(login, hash_of(plain))

    def _step(self, login: str, kept: bytes, code: str) -> int | None:
        """Return the time step whose code it is, of those that are near, or None."""
        totp = pyotp.TOTP(base64.b32encode(self.key.decrypt(kept, login)).decode())
        present = int(self.clock.now().timestamp()) // _STEP
        found = None
        for step in range(present - _WINDOW, present + _WINDOW + 1):
            if pyotp.utils.strings_equal(totp.at(step * _STEP), _plain(code)):
                found = step
        return found


def _recovery_code() -> str:
    written = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode()
    return "-".join(written[start : start + 4] for start in range(0, len(written), 4))


def _plain(code: str) -> str:
    """Leave out what people put between the characters of a code."""
    return code.replace(" ", "").replace("-", "").strip().upper()[:64]
