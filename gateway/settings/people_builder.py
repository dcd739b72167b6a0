"""From `people:` to its settings."""

from __future__ import annotations

from gateway.core.login_pauses import PausePolicy
from gateway.core.people import Role
from gateway.core.people_settings import OidcSettings, PeopleSettings
from gateway.settings.parsing import Notes
from gateway.settings.people_models import OidcPart, PeoplePart
from gateway.settings.problems import did_you_mean
from gateway.settings.service_builder import ServiceBuilder
from gateway.settings.yaml_file import Location

_HERE: Location = ("people",)


def build_people(
    part: PeoplePart, inboxes: tuple[str, ...], services: ServiceBuilder, notes: Notes
) -> PeopleSettings:
    """Return the rules for users; look at the notes before using them."""
    if part.lockout.first > part.lockout.longest:
        what = "The longest pause is shorter than the first one."
        here = (*_HERE, "lockout", "longest")
        notes.add(here, "settings.wrong-value", what, "Let longest be at least first.")
    if part.homes:
        _check_homes(part.homes, inboxes, notes)
    return PeopleSettings(
        password_length=part.password_length,
        second_factor_for=frozenset(map(Role, part.second_factor_for)),
        pauses=PausePolicy(
            part.lockout.after,
            part.lockout.after_of_address,
            part.lockout.first,
            part.lockout.longest,
        ),
        link_hours=part.link_lasts / 3600,
        homes=part.homes,
        four_eyes=part.four_eyes,
        four_eyes_days=part.four_eyes_lasts,
        oidc=_oidc(part.oidc, services) if part.oidc is not None else None,
    )


def _check_homes(homes: str, inboxes: tuple[str, ...], notes: Notes) -> None:
    here = (*_HERE, "homes")
    inbox, _, folder = homes.partition("/")
    steps = folder.split("/")
    if not all(steps) or {".", ".."} & set(steps) or steps.count("{login}") != 1:
        what = f"{homes} does not tell one user's folder from another's."
        remedy = "Write INBOX/FOLDER/{login}, {login} being the whole name of one folder."
        notes.add(here, "settings.wrong-value", what, remedy)
    elif inbox not in inboxes:
        remedy = f"There are {', '.join(inboxes)}.{did_you_mean(inbox, inboxes)}"
        notes.add(here, "settings.unknown-name", f"There is no inbox {inbox}.", remedy)


def _oidc(part: OidcPart, services: ServiceBuilder) -> OidcSettings:
    here = (*_HERE, "oidc")
    services.check_address((*here, "issuer"), part.issuer)
    return OidcSettings(
        issuer=part.issuer,
        client_id=part.client_id,
        client_secret=services.secret((*here, "client_secret"), part.client_secret),
        scopes=part.scopes if "openid" in part.scopes else ("openid", *part.scopes),
        login_claim=part.login_claim,
        name_claim=part.name_claim,
        groups_claim=part.groups_claim,
        groups=tuple(part.groups.items()),
        add=part.add,
        label=part.label,
        access=services.access(here, part),
    )
