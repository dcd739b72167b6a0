"""The entrance: log-in, log-out, and who it is that comes with a session or an API token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from gateway.core.accounts import LOGIN
from gateway.core.errors import AccessFault
from gateway.core.names import display
from gateway.core.people import Person
from gateway.core.people_settings import PeopleSettings, SessionTimes
from gateway.core.visiting import Visitor, Way, actor_of, permissions_of
from gateway.people.passwords import Passwords
from gateway.people.tokens import csrf_of, hash_of, new_id, new_token
from gateway.ports import (
    ApiTokens,
    Clock,
    Credentials,
    LoginAttempts,
    LoginSecrets,
    People,
    Session,
    Sessions,
)

_LONGEST_LOGIN = 100
_LONGEST_BROWSER = 200
_SEEN_EVERY = 60.0
"""Seconds after which the use of a session or token is written down anew."""


@dataclass(frozen=True)
class LoggedIn:
    """A session that was just begun."""

    token: str = field(repr=False)
    """For the browser's cookie; known to nobody else from here on."""
    visitor: Visitor


@dataclass(frozen=True)
class Entrance:
    """Lets people in. All methods raise `AccessFault`, as they say."""

    people: People
    credentials: Credentials
    sessions: Sessions
    api_tokens: ApiTokens
    attempts: LoginAttempts
    passwords: Passwords
    check_code: Callable[[str, LoginSecrets, str], bool]
    """Tells whether a login may come in with a code, and takes the code for used."""
    clock: Clock
    times: SessionTimes
    rules: PeopleSettings

    def log_in(
        self, login: str, password: str, code: str = "", *, address: str = "", browser: str = ""
    ) -> LoggedIn:
        """Begin a session of whoever knows the password and, if it is set up, has the code.

        Raises `access.paused`, `access.refused`, `access.code-needed` (the password was right).
        """
        login, address = display(login.strip().lower()[:_LONGEST_LOGIN]), _counted(address)
        if (until := self.attempts.begin(login, address, self.rules.pauses)) is not None:
            raise _paused(until)
        person, secrets = self.people.person(login), self.credentials.find(login)
        # Asked whoever it is, so that nobody can tell by the time who is a user.
        fits = self.passwords.fits(password, secrets.password if person is not None else "")
        if person is None or not fits:
            raise self._failed(login, address, known=person is not None)
        if secrets.totp:
            if not code.strip():
                self.attempts.retract(login, address)
                raise AccessFault("access.code-needed")
            if not self.check_code(login, secrets, code):
                raise self._failed(login, address, known=True)
        self.attempts.succeed(login, address)
        if self.passwords.outdated(secrets.password):
            self.credentials.rehash(login, secrets.password, self.passwords.hash(password))
        return self.begin(person, Way.PASSWORD, address=address, browser=browser)

    def confirm_password(self, login: str, password: str, *, address: str = "") -> None:
        """Have somebody who is logged in prove it once more.

        Raises `access.paused`, `access.refused`.
        """
        address = _counted(address)
        if (until := self.attempts.begin(login, address, self.rules.pauses)) is not None:
            raise _paused(until)
        if not self.passwords.fits(password, self.credentials.find(login).password):
            raise self._failed(login, address, known=True)
        self.attempts.succeed(login, address)

    def begin(self, person: Person, way: Way, *, address: str = "", browser: str = "") -> LoggedIn:
        """Begin a session of somebody who has proved who it is."""
        now, token = self.clock.now(), new_token()
        session = Session(
            id=new_id(),
            login=person.login,
            way=way,
            begun=now,
            seen=now,
            ends=now + timedelta(seconds=self.times.longest),
            address=address,
            browser=browser[:_LONGEST_BROWSER],
        )
        self.sessions.begin(session, hash_of(token))
        return LoggedIn(token, self._visitor(person, session, token))

    def person_of_session(self, token: str) -> Visitor:
        """Return who comes with a session's token, as roles are now; it counts as use.

        Raises `access.logged-out`.
        """
        session = self.sessions.find(hash_of(token)) if token else None
        if session is None:
            raise AccessFault("access.logged-out")
        now = self.clock.now()
        idle = now - session.seen > timedelta(seconds=self.times.idle)
        person = None if idle or now >= session.ends else self.people.person(session.login)
        if person is None:
            actor = actor_of(session.login)
            self.sessions.end(session.login, "person.session-ended", actor, session=session.id)
            raise AccessFault("access.logged-out")
        if (now - session.seen).total_seconds() >= min(_SEEN_EVERY, self.times.idle / 10):
            self.sessions.touch(session.id, now)
        return self._visitor(person, session, token)

    def person_of_api_token(self, token: str) -> Visitor:
        """Return who comes with an API token, with no more than its scopes.

        Raises `access.token`.
        """
        found = self.api_tokens.find(hash_of(token)) if token else None
        now = self.clock.now()
        if found is None or found.withdrawn or now >= found.expires:
            raise AccessFault("access.token", found.name if found is not None else "")
        person = self.people.person(found.login)
        if person is None:
            raise AccessFault("access.token", f"{found.login} is disabled")
        if found.used is None or (now - found.used).total_seconds() >= _SEEN_EVERY:
            self.api_tokens.touch(found.id, now)
        allowed = found.scopes & permissions_of(person)
        return Visitor(person, allowed, Way.TOKEN, token=found.id, ends=found.expires)

    def log_out(self, visitor: Visitor) -> None:
        """End the session of a visitor; logged as `person.logged-out`."""
        login, session = visitor.person.login, visitor.session
        if session:
            self.sessions.end(login, "person.logged-out", visitor.actor, session=session)

    def _visitor(self, person: Person, session: Session, token: str) -> Visitor:
        visitor = Visitor(
            person,
            permissions_of(person),
            session.way,
            session=session.id,
            csrf=csrf_of(token),
            ends=session.ends,
        )
        if self._lacks_second_factor(person, session.way):
            return replace(visitor, permissions=frozenset(), needs_second_factor=True)
        return visitor

    def _lacks_second_factor(self, person: Person, way: Way) -> bool:
        """Tell whether a duty is open; the sign-on provider sees to its own second factors."""
        if way is Way.SIGN_ON or not person.roles & self.rules.second_factor_for:
            return False
        return not self.credentials.find(person.login).totp

    def _failed(self, login: str, address: str, *, known: bool) -> AccessFault:
        # An unknown login may be a password in the wrong field: the log must not learn it.
        told = login if known and LOGIN.fullmatch(login) else "unknown"
        until = self.attempts.fail(login, address, told)
        return _paused(until) if until is not None else AccessFault("access.refused")


def _paused(until: datetime) -> AccessFault:
    return AccessFault("access.paused", f"until {until:%Y-%m-%d %H:%M:%S} UTC", until=until)


def _counted(address: str) -> str:
    """Return what attempts are counted by: IPv6 networks hand out 64 bits to each customer."""
    try:
        number = ip_address(address)
    except ValueError:
        return display(address[:100])
    if number.version == 4:
        return str(number)
    if number.ipv4_mapped is not None:
        return str(number.ipv4_mapped)
    return str(ip_network((number, 64), strict=False))
