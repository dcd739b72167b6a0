"""From a rule's parsed block `tickets:` to what a ticket may choose."""

from __future__ import annotations

from collections.abc import Callable

from gateway.core.rules import Profile, TicketTerms
from gateway.settings.parsing import Notes
from gateway.settings.place_builder import PlaceBuilder
from gateway.settings.problems import did_you_mean
from gateway.settings.profile_models import ProfilePart
from gateway.settings.site_builder import DefinedNames
from gateway.settings.ticket_models import TicketsPart
from gateway.settings.yaml_file import Location

ProfileBuilder = Callable[[Location, ProfilePart], Profile]


def build_terms(
    here: Location,
    part: TicketsPart | None,
    notes: Notes,
    *,
    defined: DefinedNames | None,
    places: PlaceBuilder,
    profile: ProfileBuilder,
) -> TicketTerms | None:
    """Return what a rule lets tickets choose; look at the notes before using it."""
    if part is None:
        return None
    known = defined.all_seals if defined is not None else ()
    for index, name in enumerate(part.seals):
        if known and name not in known:
            remedy = f"Define it.{did_you_mean(name, known)}"
            what = f"There is no seal {name}."
            notes.add((*here, "seals", index), "settings.unknown-name", what, remedy)
    return TicketTerms(
        seals=part.seals,
        places=tuple(
            (name, places.build((*here, "places", name), written))
            for name, written in part.places.items()
        ),
        profiles=tuple(
            (name, profile((*here, "profiles", name), written))
            for name, written in part.profiles.items()
        ),
        own_place=part.own_place,
        name=part.name,
        reference=part.reference,
        recipients=part.recipients,
        priority=part.priority,
    )
