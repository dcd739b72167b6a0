"""Pages from templates; whatever stands in them is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from gateway.console.assets import Asset
from gateway.console.cookies import THEMES
from gateway.console.naming import (
    FLOW_STATES,
    OUTCOMES,
    PERMISSIONS,
    ROLES,
    STATES,
    STEP_KINDS,
    STEP_STATES,
)
from gateway.console.navigation import menu_of
from gateway.console.sayings import BAD, SAYINGS
from gateway.console.words import LANGUAGES, say, say_counted
from gateway.core.code_sentences import sentence_and_remedy
from gateway.core.error_codes import CODES
from gateway.core.log_query import outcome_of
from gateway.core.names import display
from gateway.core.notice_settings import Language
from gateway.core.people import Permission

if TYPE_CHECKING:
    from gateway.console.visit import Visit


class Pages:
    """Renders the templates, in each language with an environment of its own."""

    def __init__(self, assets: Mapping[str, Asset], site: str) -> None:
        self._environments = {language: _environment(language) for language in LANGUAGES}
        for environment in self._environments.values():
            environment.globals |= {
                "asset": partial(_address_of, assets),
                "site_name": display(site),
                "languages": {one.value: name for one, name in LANGUAGES.items()},
                "csrf_field": _csrf_field,
                "P": Permission,
            }

    def render(self, template: str, visit: Visit, values: Mapping[str, object]) -> str:
        """Return a page as HTML."""
        theme = visit.request.cookies.get("theme", "")
        here = visit.request.url.path
        shown: dict[str, object] = {
            "visit": visit,
            "visitor": visit.visitor,
            "csrf": visit.csrf,
            "language": visit.language.value,
            "theme": theme if theme in THEMES else "",
            "menu": menu_of(visit.visitor),
            "here": here,
            "said_bad": visit.query("said") in BAD,
            "said": SAYINGS.get(visit.query("said")),
        }
        return self._environments[visit.language].get_template(template).render({**shown, **values})


def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=PackageLoader("gateway.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
        partial(say, language), partial(say_counted, language), newstyle=True
    )
    environment.filters |= {
        "display": lambda text: display(str(text)),
        "moment": moment,
        "size": size,
        "meaning": partial(_meaning, language, 0),
        "remedy": partial(_meaning, language, 1),
        "reason": lambda why: say(language, display(str(why))),
        "translated": _translated,
        "role_name": lambda role: say(language, ROLES[role]),
        "permission_name": lambda one: say(language, PERMISSIONS[one]),
        "outcome": outcome_of,
        "outcome_name": lambda outcome: say(language, OUTCOMES[outcome]),
        "flow_state_name": lambda state: say(language, FLOW_STATES[state]),
        "step_state_name": lambda state: say(language, STEP_STATES[state]),
        "step_kind_name": lambda kind: say(language, STEP_KINDS[kind]),
        "state_name": lambda state: say(language, STATES[state]),
    }
    return environment


@pass_context
def _translated(context: Context, sentence: str) -> str:
    """Return a sentence of our own that a variable holds in the language of the page."""
    visit: Visit = context["visit"]
    return say(visit.language, sentence)


@pass_context
def _csrf_field(context: Context) -> Markup:
    token = escape(context["csrf"])
    return Markup('<input type="hidden" name="csrf" value="%s">') % token


def _address_of(assets: Mapping[str, Asset], name: str) -> str:
    return f"/assets/{name}?v={assets[name].version}"


def _meaning(language: Language, part: int, code: str) -> str:
    """Return what an error code means (0), or what to do about it (1)."""
    return sentence_and_remedy(code, language)[part] if code in CODES else ""


def moment(value: datetime | str | float | None, form: str = "%Y-%m-%d %H:%M") -> str:
    """Return a moment in this machine's time zone; a text is ISO 8601, a number since 1970."""
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        try:
            return moment(datetime.fromisoformat(value), form)
        except ValueError:
            return value
    if isinstance(value, int | float):
        return moment(datetime.fromtimestamp(value, UTC), form)
    return value.astimezone().strftime(form)


def size(octets: int) -> str:
    """Return a number of bytes as people read it."""
    number, unit = float(octets), "B"
    for larger in ("KB", "MB", "GB"):
        if number < 1000:
            break
        number, unit = number / 1000, larger
    return f"{number:.0f} {unit}" if unit == "B" or number >= 10 else f"{number:.1f} {unit}"
