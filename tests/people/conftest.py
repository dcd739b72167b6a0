"""A site's people, with a clock that is turned by hand and hashes that cost next to nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyotp
import pytest
from argon2 import PasswordHasher

from gateway.core.accounts import Account
from gateway.core.login_pauses import PausePolicy
from gateway.core.people import Role
from gateway.core.people_settings import ConsoleSettings, PeopleSettings
from gateway.ledger import SqliteLedger
from gateway.people.site_people import SitePeople, put_together
from gateway.ports import IdentityProvider
from tests.standing_clock import StandingClock

ACTOR = "person:root"
PASSWORD = "correct horse battery"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Town:
    """A site's people and what they are kept in."""

    people: SitePeople
    ledger: SqliteLedger
    clock: StandingClock
    state: Path

    def add(self, login: str, *roles: Role, password: str = PASSWORD) -> Account:
        """Add a user who can log in."""
        account = Account(login, login.title(), frozenset(roles))
        stored = self.people.keeping(ACTOR).add(account)
        if password:
            self.people.access.set_password(login, password, ACTOR)
        return stored

    def enrol(self, login: str) -> tuple[pyotp.TOTP, tuple[str, ...]]:
        """Set up an authenticator; return it and the recovery codes."""
        totp = pyotp.TOTP(self.people.second_factor.begin(login, ACTOR).secret)
        codes = self.people.second_factor.confirm(login, totp.at(self.clock.moment), ACTOR)
        self.clock.turn(seconds=30)
        return totp, codes

    def events(self, event: str = "") -> list[str]:
        """Return what the log says, in order."""
        return [entry.event for entry in self.ledger.entries(event=event)]


def town_of(folder: Path, rules: PeopleSettings, provider: IdentityProvider | None = None) -> Town:
    """Return the people of a new site."""
    clock = StandingClock()
    ledger = SqliteLedger(folder / "state" / "ledger.sqlite", clock)
    state = folder / "state"
    people = put_together(
        ledger,
        clock,
        state,
        name="Example Ltd",
        console=ConsoleSettings(),
        rules=rules,
        provider=provider,
        hasher=QUICK,
    )
    return Town(people, ledger, clock, state)


@pytest.fixture
def rules() -> PeopleSettings:
    """Return the rules of the site; a test module may have its own."""
    return PeopleSettings(
        pauses=PausePolicy(after=3, first=30, longest=100),
        second_factor_for=frozenset({Role.ADMINISTRATOR}),
    )


@pytest.fixture
def town(tmp_path: Path, rules: PeopleSettings) -> Iterator[Town]:
    """Yield the people of a new site; no secret may be in their log in the end."""
    made = town_of(tmp_path, rules)
    yield made
    told = " ".join(str(entry) for entry in made.ledger.entries())
    assert PASSWORD not in told
    assert "argon2" not in told
    assert made.ledger.verify() == ()
    made.ledger.close()
