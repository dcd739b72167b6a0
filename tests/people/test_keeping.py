"""What an administrator may do to users and groups, and what not to himself."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.core.accounts import Account, Group
from gateway.core.errors import AccessFault
from gateway.core.people import Role
from gateway.core.people_settings import PeopleSettings
from tests.people.conftest import ACTOR, Town, town_of

RUTH = "person:ruth"


@pytest.fixture
def rules() -> PeopleSettings:
    """Return rules with homes and four eyes."""
    return PeopleSettings(homes="in/partners/{login}", four_eyes=True)


def test_users_get_homes(town: Town) -> None:
    """Where homes are configured a user who is added has one, unless another is named."""
    keeping = town.people.keeping(ACTOR)
    assert keeping.add(Account("anna", "Anna")).home == "in/partners/anna"
    assert keeping.add(Account("ben", "Ben", home="letters")).home == "letters"
    assert town.ledger.droppers.who("in", "partners/anna/a.pdf", "sealgate").name == "anna"


def test_nobody_gives_himself_a_role(town: Town) -> None:
    """With four eyes an administrator raises neither himself nor a group that he is in."""
    town.add("ruth", Role.ADMINISTRATOR)
    town.add("anna")
    keeping = town.people.keeping(RUTH)
    for name in ("mine", "other"):
        keeping.add_group(Group(name))
    town.people.keeping(ACTOR).change("ruth", add_groups=["mine"])
    for gain in (
        lambda: keeping.change("ruth", add_roles=[Role.SEAL_KEEPER]),
        lambda: keeping.change("ruth", add_groups=["other"]),
        lambda: keeping.change_group("mine", grant=[Role.SEAL_KEEPER]),
    ):
        with pytest.raises(AccessFault) as refused:
            gain()
        assert refused.value.code == "access.own-roles"
    keeping.change("ruth", {"language": "zh"}, remove_groups=["mine"])
    keeping.change_group("mine", grant=[Role.SEAL_KEEPER])
    keeping.change("anna", add_roles=[Role.SEAL_KEEPER], add_groups=["mine"])
    person = town.ledger.people.person("ruth")
    assert person is not None
    assert person.roles == {Role.ADMINISTRATOR}


def test_one_person_alone(tmp_path: Path) -> None:
    """Where four eyes are not asked for the only administrator may be everything else, too."""
    town = town_of(tmp_path, PeopleSettings())
    town.add("ruth", Role.ADMINISTRATOR)
    changed = town.people.keeping(RUTH).change("ruth", add_roles=[Role.SEAL_KEEPER])
    assert Role.SEAL_KEEPER in changed.roles
    town.ledger.close()


def test_nothing_is_logged_where_nothing_changed(town: Town) -> None:
    """A change that changes nothing leaves no entry."""
    town.add("anna", Role.AUDITOR)
    before = town.events()
    keeping = town.people.keeping(ACTOR)
    keeping.change("anna", {"name": "Anna"}, add_roles=[Role.AUDITOR])
    keeping.enable("anna")
    assert town.events() == before
