"""Roles and what they may do."""

from __future__ import annotations

import pytest

from gateway.core.people import PERMISSIONS, Permission, Person, Role, may


def test_every_role_stands_in_the_table() -> None:
    """Each role has a row, so that nobody's permissions are an accident."""
    assert set(PERMISSIONS) == set(Role)


def test_each_permission_is_had_by_somebody() -> None:
    """No permission is out of everybody's reach."""
    assert frozenset().union(*PERMISSIONS.values()) == frozenset(Permission)


def test_nobody_may_anything_without_a_role() -> None:
    """A person without roles is refused everything."""
    nobody = Person("anna", "Anna")
    assert not any(may(nobody, permission) for permission in Permission)


@pytest.mark.parametrize("permission", [Permission.KEEP_SEALS, Permission.DECIDE_USES])
def test_administrators_decide_about_no_seal(permission: Permission) -> None:
    """Who manages people may neither keep seals nor approve their use."""
    assert not may(Person("root", "Root", frozenset({Role.ADMINISTRATOR})), permission)


def test_roles_add_up() -> None:
    """Several roles give what each of them gives."""
    both = Person("anna", "Anna", frozenset({Role.AUDITOR, Role.SUBMITTER}))
    assert may(both, Permission.SEE_LOG)
    assert may(both, Permission.SUBMIT)
    assert not may(both, Permission.MANAGE_PEOPLE)
