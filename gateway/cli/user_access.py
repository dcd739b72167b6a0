"""`sealgate users password, link, totp, unlock, sessions, tokens`: how users get in."""

from __future__ import annotations

import argparse
import getpass
import sys

from gateway.cli.output import Cell, complain, say, show
from gateway.cli.site import actor, opened
from gateway.core.errors import UsageFault
from gateway.core.people import Permission
from gateway.ports import ApiToken, Session

_SESSIONS = ("login", "id", "way", "begun", "last used", "ends", "address", "browser")
_TOKENS = ("login", "id", "name", "standing", "scopes", "made", "expires", "last used")


def users_password(chosen: argparse.Namespace) -> int:
    """Set a password; it is asked for at a terminal, else it is a line of standard input."""
    with opened(chosen.site, with_rules=False) as site:
        site.people.keeping(actor()).get(chosen.login)
        password = _asked("new password", twice=True)
        site.people.access.set_password(chosen.login, password, actor())
    say(f"{chosen.login} has a new password; open sessions are ended")
    return 0


def users_link(chosen: argparse.Namespace) -> int:
    """Print a one-time link with which a user, or the first administrator, sets a password."""
    with opened(chosen.site, with_rules=False) as site:
        say(site.people.access.make_link(chosen.login, actor()))
        hours = site.loaded.settings.people.link_hours
    complain(f"it works once, within {hours:g} hours; former links of that user end")
    return 0


def users_totp(chosen: argparse.Namespace) -> int:
    """Set up an authenticator, or take it away."""
    with opened(chosen.site, with_rules=False) as site:
        site.people.keeping(actor()).get(chosen.login)
        factor = site.people.second_factor
        if chosen.off:
            factor.remove(chosen.login, actor())
            say(f"{chosen.login} logs in with the password alone")
            return 0
        enrolment = factor.begin(chosen.login, actor())
        say(f"secret      {enrolment.secret}")
        say(f"address     {enrolment.uri}")
        codes = factor.confirm(chosen.login, _asked("code that the authenticator shows"), actor())
        say(f"{chosen.login} logs in with password and code; recovery codes, each for one log-in:")
        for code in codes:
            say(f"            {code}")
    return 0


def users_unlock(chosen: argparse.Namespace) -> int:
    """Forget a user's failed log-ins."""
    with opened(chosen.site, with_rules=False) as site:
        site.people.keeping(actor()).get(chosen.login)
        site.people.books.login_attempts.unlock(chosen.login, actor())
    say(f"{chosen.login} may log in again at once")
    return 0


def users_sessions(chosen: argparse.Namespace) -> int:
    """List who is logged in, or end a user's sessions."""
    if chosen.end and not chosen.login:
        raise UsageFault("usage.user-option", "say whose sessions are to end")
    with opened(chosen.site, with_rules=False) as site:
        if chosen.login:
            site.people.keeping(actor()).get(chosen.login)
        if chosen.end:
            ended = site.people.end_sessions(chosen.login, actor())
            say(f"{ended} session(s) of {chosen.login} ended")
            return 0
        rows = [_session(one) for one in site.people.books.sessions.open(chosen.login)]
    show("Sessions", _SESSIONS, rows, as_json=chosen.json)
    return 0


def users_tokens_add(chosen: argparse.Namespace) -> int:
    """Make an API token, and print it once."""
    scopes = map(Permission, chosen.scope)
    with opened(chosen.site, with_rules=False) as site:
        made = site.people.access.make_token(
            chosen.login, chosen.name, scopes, chosen.days, actor()
        )
    say(made.secret)
    complain(f"token {made.token.id} is shown only now; it expires {made.token.expires:%Y-%m-%d}")
    return 0


def users_tokens_list(chosen: argparse.Namespace) -> int:
    """List API tokens."""
    with opened(chosen.site, with_rules=False) as site:
        rows = [_token(one) for one in site.people.books.api_tokens.all(chosen.login)]
    show("API tokens", _TOKENS, rows, as_json=chosen.json)
    return 0


def users_tokens_withdraw(chosen: argparse.Namespace) -> int:
    """End an API token for ever."""
    with opened(chosen.site, with_rules=False) as site:
        site.people.books.api_tokens.withdraw(chosen.login, chosen.token, actor())
    say(f"token {chosen.token} of {chosen.login} is withdrawn")
    return 0


def _asked(what: str, *, twice: bool = False) -> str:
    """Return a secret: asked for at a terminal, else one line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    answer = getpass.getpass(f"{what}: ")
    if twice and getpass.getpass("once more: ") != answer:
        raise UsageFault("usage.weak-password", "the two are not the same")
    return answer


def _session(session: Session) -> tuple[Cell, ...]:
    times = (session.begun, session.seen, session.ends)
    begun, seen, ends = (f"{time:%Y-%m-%dT%H:%M:%SZ}" for time in times)
    way, browser = session.way.value, session.browser
    return session.login, session.id, way, begun, seen, ends, session.address, browser


def _token(token: ApiToken) -> tuple[Cell, ...]:
    return (
        token.login,
        token.id,
        token.name,
        "withdrawn" if token.withdrawn else "",
        " ".join(sorted(token.scopes)),
        f"{token.made:%Y-%m-%d}",
        f"{token.expires:%Y-%m-%d}",
        f"{token.used:%Y-%m-%dT%H:%M:%SZ}" if token.used else "never",
    )
