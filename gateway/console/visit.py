"""One request as a page meets it: who comes, in which language, what was asked and sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gateway.console.addresses import safe_target
from gateway.core.notice_settings import Language
from gateway.core.people import Permission
from gateway.core.visiting import Visitor

if TYPE_CHECKING:
    from gateway.console.office import Office
    from gateway.wiring import Site

_LONGEST_FIELD = 10_000
_LONGEST_NUMBER = 15


@dataclass(frozen=True)
class Visit:
    """One request."""

    office: Office
    request: Request
    visitor: Visitor | None
    language: Language
    csrf: str
    """What the forms of the page have to bring back."""
    form: FormData = field(default_factory=FormData)

    @property
    def site(self) -> Site:
        """Return the site with its ports."""
        return self.office.site

    @property
    def somebody(self) -> Visitor:
        """Return the visitor of a page that only somebody who is logged in gets to."""
        if self.visitor is None:
            raise LookupError("a page that needs somebody was declared for anybody")
        return self.visitor

    @property
    def actor(self) -> str:
        """Return who acts, for the signing log."""
        return self.somebody.actor

    @property
    def address(self) -> str:
        """Return the address of the browser."""
        return str(self.request.state.address)

    @property
    def browser(self) -> str:
        """Return what the browser calls itself."""
        return self.request.headers.get("user-agent", "")

    def may(self, permission: Permission) -> bool:
        """Tell whether the visitor may do something."""
        return self.visitor is not None and self.visitor.may(permission)

    def path(self, name: str) -> str:
        """Return a part of the path."""
        return str(self.request.path_params[name])

    def query(self, name: str) -> str:
        """Return a word of the query; empty when there is none."""
        return self.request.query_params.get(name, "")[:_LONGEST_FIELD]

    def field(self, name: str) -> str:
        """Return a field of the form that was sent; empty when there is none."""
        value = self.form.get(name, "")
        return value[:_LONGEST_FIELD] if isinstance(value, str) else ""

    def fields(self, name: str) -> tuple[str, ...]:
        """Return all values of a field that can be there several times."""
        return tuple(one for one in self.form.getlist(name) if isinstance(one, str))

    def files(self, name: str) -> tuple[UploadFile, ...]:
        """Return the files that were sent in a field."""
        found = (one for one in self.form.getlist(name) if isinstance(one, UploadFile))
        return tuple(one for one in found if one.filename)

    def page(self, template: str, status: int = 200, **values: object) -> HTMLResponse:
        """Return a page made of a template."""
        return HTMLResponse(self.office.pages.render(template, self, values), status)

    def go(self, path: str, said: str = "") -> RedirectResponse:
        """Return the way to another page, which says `said`, a name of `sayings.py`, first."""
        target = safe_target(path)
        if said:
            target += ("&" if "?" in target else "?") + f"said={said}"
        return RedirectResponse(target, 303)

    def download(
        self, content: bytes, name: str, kind: str, extra: Mapping[str, str] | None = None
    ) -> Response:
        """Return bytes to be kept as a file, never shown within the console."""
        return Response(content, media_type=kind, headers=attachment(name) | dict(extra or {}))


def svg(picture: str) -> Response:
    """Return a drawing that is made anew each time."""
    return Response(picture, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


def whole_number(text: str) -> int | None:
    """Return the number that ASCII digits write; None for other texts, and for absurd lengths."""
    plain = text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER
    return int(text) if plain else None


def attachment(name: str) -> dict[str, str]:
    """Return the header that makes a browser keep a file under a name (RFC 6266)."""
    plain = "".join(
        c if c.isascii() and c.isprintable() and c not in '"\\/%;' else "_" for c in name
    )
    whole = quote(name.encode("utf-8", "replace"), safe="")
    return {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}"}
