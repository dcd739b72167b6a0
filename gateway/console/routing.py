"""One declaration a route: method, path, and what its visitor must be allowed to do.

What is not declared is not there, and what is declared without a permission is refused at once:
nobody gets anywhere by forgetting.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from starlette.responses import Response

from gateway.core.people import Permission

if TYPE_CHECKING:
    from gateway.console.visit import Visit

FORM_BYTES = 256 * 1024
"""What a form without files may bring."""
Method = Literal["GET", "POST"]
Page = Callable[["Visit"], Response]


class Door(StrEnum):
    """What does not hang on a permission."""

    OPEN = "open"
    """For whoever comes, logged in or not."""
    LOGGED_IN = "logged-in"
    """For whoever is logged in, also while a duty, such as a second factor, is open."""


@dataclass(frozen=True)
class Route:
    """One declared route."""

    method: Method
    path: str
    needs: tuple[Permission | Door, ...]
    """Any one of them will do."""
    page: Page
    largest: int = FORM_BYTES
    """Bytes of the largest request; 0: as large as the site's largest document, and a form."""


@dataclass
class Routes:
    """The routes of one topic."""

    declared: list[Route] = field(default_factory=list)

    def get(self, path: str, *needs: Permission | Door) -> Callable[[Page], Page]:
        """Declare a page that changes nothing."""
        return self._declare("GET", path, needs, FORM_BYTES)

    def post(
        self, path: str, *needs: Permission | Door, largest: int = FORM_BYTES
    ) -> Callable[[Page], Page]:
        """Declare what a form does; its CSRF token is checked before."""
        return self._declare("POST", path, needs, largest)

    def _declare(
        self, method: Method, path: str, needs: tuple[Permission | Door, ...], largest: int
    ) -> Callable[[Page], Page]:
        if not needs:
            raise ValueError(f"{method} {path} does not say who may")

        def declare(page: Page) -> Page:
            self.declared.append(Route(method, path, needs, page, largest))
            return page

        return declare
