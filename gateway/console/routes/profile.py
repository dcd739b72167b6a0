"""One's own: language, password, second factor, API tokens, sessions."""

from __future__ import annotations

from starlette.responses import Response

from gateway.console.cookies import Cookies
from gateway.console.drawing import code_path
from gateway.console.routing import Door, Routes
from gateway.console.visit import Visit, whole_number
from gateway.core.errors import AccessFault, SealgateError, UsageFault
from gateway.core.people import PERMISSIONS, Permission
from gateway.core.visiting import Way, permissions_of

routes = Routes()
_DAYS = (30, 90, 365)


@routes.get("/profile", Door.LOGGED_IN)
def profile(visit: Visit) -> Response:
    """Show what the site knows of the visitor."""
    return _page(visit)


@routes.post("/profile/language", Door.LOGGED_IN)
def language(visit: Visit) -> Response:
    """Choose one's language, on every browser."""
    login = visit.somebody.person.login
    visit.site.people.keeping(visit.actor).change(login, {"language": visit.field("language")})
    response = visit.go("/profile", said="saved")
    Cookies(visit.office.settings).keep_taste(response, "language", "")
    return response


@routes.post("/profile/password", Door.LOGGED_IN)
def password(visit: Visit) -> Response:
    """Change one's password; other sessions end."""
    visitor = visit.somebody
    try:
        if visit.field("password") != visit.field("again"):
            raise UsageFault("usage.passwords-differ")
        visit.site.people.access.change_password(
            visitor.person.login,
            visit.field("former"),
            visit.field("password"),
            session=visitor.session,
        )
    except (AccessFault, UsageFault) as fault:
        return _page(visit, fault, at="password")
    return visit.go("/profile", said="password-changed")


@routes.get("/profile/second-factor", Door.LOGGED_IN)
def second_factor(visit: Visit) -> Response:
    """Explain what setting up an authenticator means."""
    found = visit.site.people.books.credentials.find(visit.somebody.person.login)
    return visit.page("profile/second_factor.html", kept=bool(found.totp), left=len(found.recovery))


@routes.post("/profile/second-factor/begin", Door.LOGGED_IN)
def begin_second_factor(visit: Visit) -> Response:
    """Show the secret of a new authenticator, once."""
    visitor = visit.somebody
    if _confirmed(visit) is not None:
        return visit.go("/profile/second-factor", said="password-wrong")
    factor = visit.site.people.second_factor
    begun = factor.begin(visitor.person.login, visit.actor, session=visitor.session)
    return visit.page("profile/enrolment.html", secret=begun.secret, path=code_path(begun.uri))


@routes.post("/profile/second-factor/confirm", Door.LOGGED_IN)
def confirm_second_factor(visit: Visit) -> Response:
    """Let the new authenticator count, and show the recovery codes, once."""
    visitor = visit.somebody
    factor = visit.site.people.second_factor
    try:
        codes = factor.confirm(
            visitor.person.login, visit.field("code"), visit.actor, session=visitor.session
        )
    except AccessFault:
        return visit.go("/profile/second-factor", said="code-wrong")
    return visit.page("profile/recovery.html", codes=codes)


@routes.post("/profile/second-factor/remove", Door.LOGGED_IN)
def remove_second_factor(visit: Visit) -> Response:
    """Log in without codes from now on; all sessions end."""
    if _confirmed(visit) is not None:
        return visit.go("/profile/second-factor", said="password-wrong")
    visit.site.people.second_factor.remove(visit.somebody.person.login, visit.actor)
    return visit.go("/login")


@routes.post("/profile/tokens", Door.LOGGED_IN)
def make_token(visit: Visit) -> Response:
    """Make an API token, and show it once."""
    visitor = visit.somebody
    if visitor.needs_second_factor:
        raise AccessFault("access.second-factor", visitor.person.login)
    try:
        made = visit.site.people.access.make_token(
            visitor.person.login,
            visit.field("name").strip(),
            frozenset(map(Permission, set(visit.fields("scope")) & set(Permission))),
            whole_number(visit.field("days")) or 0,
            visit.actor,
        )
    except UsageFault as fault:
        return _page(visit, fault, at="tokens")
    return visit.page("profile/token.html", made=made)


@routes.post("/profile/tokens/{token}/withdraw", Door.LOGGED_IN)
def withdraw_token(visit: Visit) -> Response:
    """End one of one's API tokens."""
    login = visit.somebody.person.login
    visit.site.people.books.api_tokens.withdraw(login, visit.path("token"), visit.actor)
    return visit.go("/profile", said="token-withdrawn")


@routes.post("/profile/sessions", Door.LOGGED_IN)
def end_sessions(visit: Visit) -> Response:
    """End one other session, or all others."""
    visitor = visit.somebody
    if chosen := visit.field("session"):
        visit.site.people.end_sessions(visitor.person.login, visit.actor, session=chosen)
    else:
        login = visitor.person.login
        visit.site.people.end_sessions(login, visit.actor, stays=visitor.session)
    return visit.go("/profile", said="sessions-ended")


def _confirmed(visit: Visit) -> SealgateError | None:
    """Have the visitor prove it once more; who has no password came by the provider."""
    person, people = visit.somebody.person, visit.site.people
    if (
        visit.somebody.way is Way.SIGN_ON
        and not people.books.credentials.find(person.login).password
    ):
        return None
    try:
        people.entrance.confirm_password(
            person.login, visit.field("password"), address=visit.address
        )
    except AccessFault as fault:
        return fault
    return None


def _page(visit: Visit, fault: SealgateError | None = None, at: str = "") -> Response:
    person, books = visit.somebody.person, visit.site.people.books
    secrets = books.credentials.find(person.login)
    now = visit.site.equipment.clock.now()
    return visit.page(
        "profile/profile.html",
        422 if fault else 200,
        person=person,
        account=books.people.find(person.login),
        roles=[role for role in PERMISSIONS if role in person.roles],
        secrets=secrets,
        sessions=books.sessions.open(person.login),
        tokens=[
            one
            for one in books.api_tokens.all(person.login)
            if not one.withdrawn and one.expires > now
        ],
        permissions=[one for one in Permission if one in permissions_of(person)],
        days=_DAYS,
        fault=fault,
        at=at,
    )
