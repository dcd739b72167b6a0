"""Users and groups, as an administrator keeps them."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response

from gateway.console.routing import Routes
from gateway.console.visit import Visit
from gateway.core.accounts import Account, Group
from gateway.core.errors import UsageFault
from gateway.core.people import Permission, Role

routes = Routes()
_MANAGE = Permission.MANAGE_PEOPLE
_TERMS = ("name", "mail", "language", "home", "posix", "smb")


@routes.get("/people", _MANAGE)
def everybody(visit: Visit) -> Response:
    """Show users and groups."""
    books = visit.site.people.books
    return visit.page(
        "people/people.html",
        accounts=books.people.all(),
        groups=books.groups.all(),
        open={one.login for one in books.sessions.open()},
        all_roles=list(Role),
    )


@routes.post("/people", _MANAGE)
def add(visit: Visit) -> Response:
    """Add a user, and show the link with which it sets a password."""
    login = visit.field("login").strip().lower()
    account = Account(
        login,
        visit.field("name").strip() or login,
        roles=_roles(visit),
        groups=frozenset(visit.fields("group")),
        mail=visit.field("mail").strip(),
    )
    visit.site.people.keeping(visit.actor).add(account)
    return _link_page(visit, login)


@routes.get("/people/users/{login}", _MANAGE)
def user(visit: Visit) -> Response:
    """Show everything about one user."""
    people = visit.site.people
    account = people.keeping(visit.actor).get(visit.path("login"))
    secrets = people.books.credentials.find(account.login)
    return visit.page(
        "people/user.html",
        account=account,
        has_password=bool(secrets.password),
        has_totp=bool(secrets.totp),
        sessions=people.books.sessions.open(account.login),
        groups=people.books.groups.all(),
        all_roles=list(Role),
    )


@routes.post("/people/users/{login}", _MANAGE)
def change(visit: Visit) -> Response:
    """Change a user's facts, roles and groups."""
    keeping, login = visit.site.people.keeping(visit.actor), visit.path("login")
    account = keeping.get(login)
    wanted, groups = _roles(visit), frozenset(visit.fields("group"))
    keeping.change(
        login,
        {term: visit.field(term).strip() for term in _TERMS if term in visit.form},
        add_roles=wanted,
        remove_roles=account.roles - wanted,
        add_groups=groups,
        remove_groups=account.groups - groups,
    )
    return visit.go(f"/people/users/{login}", said="saved")


@routes.post("/people/users/{login}/access", _MANAGE)
def access(visit: Visit) -> Response:
    """Make a link, unlock, take a second factor away, end sessions, disable or enable."""
    people, login, actor = visit.site.people, visit.path("login"), visit.actor
    keeping, act = people.keeping(actor), visit.field("act")
    keeping.get(login)
    if act == "link":
        return _link_page(visit, login)
    acts: dict[str, Callable[[], object]] = {
        "unlock": lambda: people.books.login_attempts.unlock(login, actor),
        "totp": lambda: people.second_factor.remove(login, actor),
        "sessions": lambda: people.end_sessions(login, actor),
        "disable": lambda: keeping.disable(login, visit.field("why").strip()),
        "enable": lambda: keeping.enable(login, visit.field("why").strip()),
    }
    if act not in acts:
        raise UsageFault("usage.user-option", act[:40])
    acts[act]()
    return visit.go(f"/people/users/{login}", said="saved")


@routes.post("/people/groups", _MANAGE)
def add_group(visit: Visit) -> Response:
    """Add a group."""
    group = Group(visit.field("name").strip(), visit.field("about").strip(), _roles(visit))
    visit.site.people.keeping(visit.actor).add_group(group)
    return visit.go("/people", said="saved")


@routes.post("/people/groups/{name}", _MANAGE)
def change_group(visit: Visit) -> Response:
    """Change what a group is about, and its roles."""
    keeping, name = visit.site.people.keeping(visit.actor), visit.path("name")
    wanted, before = _roles(visit), keeping.get_group(name).roles
    keeping.change_group(
        name, about=visit.field("about").strip(), grant=wanted, remove=before - wanted
    )
    return visit.go("/people", said="saved")


def _roles(visit: Visit) -> frozenset[Role]:
    return frozenset(Role(one) for one in visit.fields("role") if one in tuple(Role))


def _link_page(visit: Visit, login: str) -> Response:
    link = visit.site.people.access.make_link(login, visit.actor)
    hours = visit.site.loaded.settings.people.link_hours
    return visit.page("people/link.html", login=login, link=link, hours=f"{hours:g}")
