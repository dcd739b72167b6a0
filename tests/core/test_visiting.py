"""What somebody who was let in may do, for every combination of roles and permissions."""

from __future__ import annotations

from itertools import combinations

import pytest

from gateway.core.accounts import Account, Group, person_of
from gateway.core.errors import AccessFault
from gateway.core.people import PERMISSIONS, Permission, Person, Role, may
from gateway.core.visiting import Visitor, Way, permissions_of

PAIRS = [frozenset(pair) for size in (0, 1, 2) for pair in combinations(Role, size)]


@pytest.mark.parametrize("roles", PAIRS, ids=lambda roles: "+".join(sorted(roles)) or "none")
def test_permissions_are_those_of_the_roles(roles: frozenset[Role]) -> None:
    """Nothing is allowed that no role allows, and everything that one does."""
    person = Person("anna", "Anna", roles)
    visitor = Visitor(person, permissions_of(person), Way.PASSWORD)
    for permission in Permission:
        allowed = any(permission in PERMISSIONS[role] for role in roles)
        assert visitor.may(permission) is may(person, permission) is allowed
        if allowed:
            visitor.require(permission)
        else:
            with pytest.raises(AccessFault) as refused:
                visitor.require(permission)
            assert refused.value.code == "access.forbidden"


def test_open_duty_comes_first() -> None:
    """Whoever lacks a second factor is told so, not that a role is missing."""
    visitor = Visitor(Person("anna", "Anna"), frozenset(), Way.LINK, needs_second_factor=True)
    with pytest.raises(AccessFault) as refused:
        visitor.require(Permission.VERIFY)
    assert refused.value.code == "access.second-factor"


def test_roles_of_groups_are_the_members() -> None:
    """A person has the roles of its own groups, and of no others."""
    groups = (Group("a", roles=frozenset({Role.AUDITOR})), Group("b", roles=frozenset(Role)))
    account = Account("anna", "Anna", frozenset({Role.SUBMITTER}), frozenset({"a"}))
    assert person_of(account, groups).roles == {Role.SUBMITTER, Role.AUDITOR}
