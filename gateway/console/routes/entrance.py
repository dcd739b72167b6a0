"""Log-in, the one-time link, single sign-on, log-out."""

from __future__ import annotations

from cryptography.fernet import InvalidToken
from starlette.responses import Response

from gateway.console.addresses import safe_target
from gateway.console.cookies import Cookies
from gateway.console.reception import landing_of
from gateway.console.routing import Door, Routes
from gateway.console.visit import Visit
from gateway.core.errors import AccessFault, SealgateError, UsageFault
from gateway.core.people_settings import SIGN_ON_PATH
from gateway.people.entrance import LoggedIn

routes = Routes()
_CODE_SECONDS = 300


@routes.get("/login", Door.OPEN)
def login(visit: Visit) -> Response:
    """Ask who comes."""
    if visit.visitor is not None:
        return visit.go(landing_of(visit.visitor))
    return _login_page(visit)


@routes.post("/login", Door.OPEN)
def log_in(visit: Visit) -> Response:
    """Let somebody in, or say why not; a session that was there before ends."""
    people = visit.site.people
    try:
        entered = people.log_in(
            visit.field("login"),
            _password(visit),
            visit.field("code"),
            address=visit.address,
            browser=visit.browser,
        )
    except AccessFault as fault:
        return _login_page(visit, fault)
    return enter(visit, entered, visit.field("next"))


@routes.post("/logout", Door.LOGGED_IN)
def log_out(visit: Visit) -> Response:
    """End the session."""
    visit.site.people.entrance.log_out(visit.somebody)
    response = visit.go("/login", said="logged-out")
    Cookies(visit.office.settings).end_session(response)
    return response


@routes.get("/welcome/{token}", Door.OPEN)
def welcome(visit: Visit) -> Response:
    """Have somebody who comes with a one-time link choose a password."""
    link = visit.site.people.access.find_link(visit.path("token"))
    return visit.page("entrance/welcome.html", link=link, fault=None)


@routes.post("/welcome/{token}", Door.OPEN)
def redeem(visit: Visit) -> Response:
    """Use a one-time link up."""
    access, token = visit.site.people.access, visit.path("token")
    try:
        if visit.field("password") != visit.field("again"):
            raise UsageFault("usage.passwords-differ")
        entered = access.redeem_link(
            token,
            visit.field("password"),
            login=visit.field("login"),
            name=visit.field("name"),
            address=visit.address,
            browser=visit.browser,
        )
    except UsageFault as fault:
        link = access.find_link(token)
        return visit.page("entrance/welcome.html", 422, link=link, fault=fault)
    if entered is None:
        return visit.go("/login", said="password-set")
    return enter(visit, entered)


@routes.get("/sign-on/begin", Door.OPEN)
def begin_sign_on(visit: Visit) -> Response:
    """Send somebody to the OpenID provider."""
    sign_on = visit.site.people.sign_on
    if sign_on is None:
        return visit.go("/login")
    begun = sign_on.begin(safe_target(visit.query("next"), ""))
    response = visit.go("/")
    response.headers["location"] = begun.url
    Cookies(visit.office.settings).begin_sign_on(response, begun.state)
    return response


@routes.get(SIGN_ON_PATH, Door.OPEN)
def end_sign_on(visit: Visit) -> Response:
    """Let somebody in whom the OpenID provider vouches for."""
    sign_on, cookies = visit.site.people.sign_on, Cookies(visit.office.settings)
    if sign_on is None:
        return visit.go("/login")
    try:
        signed = sign_on.finish(
            dict(visit.request.query_params),
            cookies.sign_on(visit.request),
            address=visit.address,
            browser=visit.browser,
        )
    except (AccessFault, UsageFault) as fault:
        response = _login_page(visit, fault)
    else:
        response = enter(visit, signed.entered, signed.target)
    cookies.end_sign_on(response)
    return response


def enter(visit: Visit, entered: LoggedIn, target: str = "") -> Response:
    """Begin a session in the browser: always with a token that nobody had before."""
    if visit.visitor is not None:
        visit.site.people.entrance.log_out(visit.visitor)
    landing = landing_of(entered.visitor)
    wanted = landing if entered.visitor.needs_second_factor else safe_target(target, landing)
    response = visit.go(wanted)
    Cookies(visit.office.settings).begin_session(response, entered.token)
    return response


def _carried(visit: Visit) -> str:
    """Return the password as the page that asks for the code carries it: unreadable, for a while.

    It opens for the same login only.
    """
    text = f"{visit.field('login')}\n{_password(visit)}".encode("utf-8", "surrogatepass")
    return visit.office.envelope.encrypt(text).decode()


def _password(visit: Visit) -> str:
    carried = visit.field("carried")
    if not carried:
        return visit.field("password")
    try:
        text = visit.office.envelope.decrypt(carried.encode(), ttl=_CODE_SECONDS)
    except (InvalidToken, ValueError):
        return ""
    login, _, password = text.decode("utf-8", "surrogatepass").partition("\n")
    return password if login == visit.field("login") else ""


def _login_page(visit: Visit, fault: SealgateError | None = None) -> Response:
    code_needed = fault is not None and fault.code == "access.code-needed"
    oidc = visit.site.loaded.settings.people.oidc
    return visit.page(
        "entrance/login.html",
        200 if fault is None or code_needed else 403,
        fault=None if code_needed else fault,
        code_needed=code_needed or bool(visit.field("code")),
        login=visit.field("login"),
        carried=_carried(visit) if code_needed or visit.field("code") else "",
        next=safe_target(visit.field("next") or visit.query("next"), ""),
        sign_on=oidc.label if oidc is not None else "",
    )
