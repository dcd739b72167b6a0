"""What every keeper of people keeps: the contract of the ports in `gateway/ports/people.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from gateway.core.accounts import Account, Group
from gateway.core.droppers import Dropper
from gateway.core.errors import AccessFault, SiteFault, UsageFault
from gateway.core.four_eyes import KeeperRequest
from gateway.core.login_pauses import PausePolicy
from gateway.core.people import Permission, Role
from gateway.core.visiting import Way
from gateway.ledger import Ledger
from gateway.ports import ApiToken, Clock, LoginSecrets, OneTimeLink, Session
from tests.standing_clock import StandingClock

ADMIN = Account("root", "Ruth Root", frozenset({Role.ADMINISTRATOR}))
ANNA = Account("anna", "Anna Example", frozenset({Role.SEAL_KEEPER}), language="zh")
ACTOR = "person:root"
DAY = timedelta(days=1)


@dataclass
class Books:
    """The ports of one keeper, and its clock."""

    ledger: Ledger
    clock: StandingClock
    make: Callable[[], Ledger]

    def start_again(self) -> None:
        """Close the ledger and open it anew, as after a restart."""
        self.ledger.close()
        self.ledger = self.make()

    def add(self, account: Account, **kwargs: object) -> Account:
        """Save a user as new."""
        return self.ledger.people.save(account, "person.added", {}, ACTOR, **kwargs)  # type: ignore[arg-type]

    def change(self, account: Account) -> Account:
        """Save a change of a user."""
        return self.ledger.people.save(account, "person.changed", {}, ACTOR)

    def events(self) -> list[str]:
        """Return what the log says, in order."""
        return [entry.event for entry in self.ledger.entries()]


@pytest.fixture
def books(open_ledger: Callable[[Clock], Ledger]) -> Iterator[Books]:
    """Yield an empty keeper, whose log must be whole in the end."""
    clock = StandingClock()
    make = partial(open_ledger, clock)
    made = Books(make(), clock, make)
    yield made
    assert made.ledger.verify() == ()
    made.ledger.close()


def _session(login: str, number: str, now: datetime) -> Session:
    return Session(number, login, Way.PASSWORD, now, now, now + DAY, "192.0.2.1", "Browser")


# --- users and groups ----------------------------------------------------------------------------


def test_user_is_remembered(books: Books) -> None:
    """A user comes back as it was saved, and as the person that its groups make of it."""
    books.ledger.groups.save(
        Group("legal", "The lawyers", frozenset({Role.APPROVER})), "group.added", {}, ACTOR
    )
    full = replace(
        ANNA,
        groups=frozenset({"legal"}),
        mail="anna@company.example",
        posix="anna",
        smb="EXAMPLE\\anna",
        home="documents/partners/anna",
        subject="https://id.company.example 42",
    )
    stored = books.add(full)
    admin = books.add(ADMIN)
    assert stored == replace(full, revision=1)
    assert books.ledger.people.find("anna") == stored
    assert books.ledger.people.all() == (stored, admin)
    assert books.ledger.people.by_subject(full.subject) == stored
    assert books.ledger.people.by_subject("") is None
    assert books.ledger.people.find("nobody") is None
    person = books.ledger.people.person("anna")
    assert person is not None
    assert person.roles == {Role.SEAL_KEEPER, Role.APPROVER}
    assert person.groups == {"legal"}
    assert books.ledger.groups.members("legal") == ("anna",)
    assert books.events() == ["group.added", "person.added", "person.added"]


def test_lost_update_is_refused(books: Books) -> None:
    """Who changes what somebody else has changed meanwhile is told so; nothing is logged."""
    anna = books.add(ANNA)
    books.change(replace(anna, name="Anna B"))
    with pytest.raises(UsageFault) as late:
        books.change(replace(anna, name="Anna C"))
    with pytest.raises(UsageFault) as twice:
        books.add(ANNA)
    assert (late.value.code, twice.value.code) == ("usage.user-changed", "usage.user-exists")
    assert len(books.events()) == 2


@pytest.mark.parametrize("column", ["posix", "smb", "home", "subject"])
def test_what_tells_a_person_is_one_persons(books: Books, column: str) -> None:
    """No two users have the same owner of files, home or identity."""
    books.add(replace(ANNA, **{column: "same/one"}))  # type: ignore[arg-type]
    with pytest.raises(UsageFault) as refused:
        books.add(replace(ADMIN, **{column: "same/one"}))  # type: ignore[arg-type]
    assert refused.value.code == "usage.user-option"


def test_unknown_group_is_refused(books: Books) -> None:
    """Nobody is in a group that is not there."""
    with pytest.raises(UsageFault) as refused:
        books.add(replace(ANNA, groups=frozenset({"nowhere"})))
    assert refused.value.code == "usage.unknown-group"
    assert books.ledger.people.find("anna") is None


def test_disabling_shuts_out(books: Books) -> None:
    """A disabled user is nobody: sessions, API tokens and links end, and stay ended."""
    anna, now = books.add(ANNA), books.clock.now()
    books.ledger.sessions.begin(_session("anna", "1", now), "hash")
    scopes = frozenset({Permission.SEE_LOG})
    books.ledger.api_tokens.add(ApiToken("t", "anna", "x", scopes, now, now + DAY), "secret", ACTOR)
    books.ledger.one_time_links.add(OneTimeLink("anna", now, now + DAY), "link", ACTOR)
    gone = books.change(replace(anna, disabled=True))
    assert books.ledger.people.person("anna") is None
    assert books.ledger.people.find("anna") == gone
    books.change(replace(gone, disabled=False))
    assert books.ledger.people.person("anna") is not None
    assert books.ledger.sessions.find("hash") is None
    assert books.ledger.one_time_links.find("link") is None
    token = books.ledger.api_tokens.find("secret")
    assert token is not None
    assert token.withdrawn


def test_last_administrator_stays(books: Books) -> None:
    """Neither a user nor a group is changed so that no administrator is left."""
    group = books.ledger.groups.save(
        Group("chiefs", roles=frozenset({Role.ADMINISTRATOR})), "group.added", {}, ACTOR
    )
    admin = books.add(replace(ANNA, roles=frozenset(), groups=frozenset({"chiefs"})))
    for change in (replace(admin, disabled=True), replace(admin, groups=frozenset())):
        with pytest.raises(UsageFault) as refused:
            books.change(change)
        assert refused.value.code == "usage.last-administrator"
    with pytest.raises(UsageFault) as refused:
        books.ledger.groups.save(replace(group, roles=frozenset()), "group.changed", {}, ACTOR)
    assert refused.value.code == "usage.last-administrator"
    books.add(ADMIN)
    books.change(replace(admin, disabled=True))


# --- how they get in -----------------------------------------------------------------------------


def test_new_secrets_end_sessions(books: Books) -> None:
    """A new password ends every session of its user but the one that is told to stay."""
    books.add(ANNA)
    books.add(ADMIN)
    for login, number in (("anna", "1"), ("anna", "2"), ("root", "3")):
        books.ledger.sessions.begin(_session(login, number, books.clock.now()), f"hash{number}")
    secrets = LoginSecrets(password="$argon2id$", totp=b"x", recovery=frozenset({"a", "b"}))
    books.ledger.credentials.save("anna", secrets, "person.password-set", {}, ACTOR, stays="2")
    assert books.ledger.credentials.find("anna") == secrets
    assert books.ledger.credentials.find("nobody") == LoginSecrets()
    assert [one.id for one in books.ledger.sessions.open()] == ["2", "3"]
    with pytest.raises(UsageFault):
        books.ledger.credentials.save("nobody", secrets, "person.password-set", {}, ACTOR)


def test_codes_are_spent_once(books: Books) -> None:
    """Neither a time step, nor one before it, nor a recovery code counts twice."""
    books.add(ANNA)
    secrets = LoginSecrets(totp=b"x", recovery=frozenset({"a", "b"}))
    books.ledger.credentials.save("anna", secrets, "person.totp-on", {}, ACTOR)
    credentials = books.ledger.credentials
    assert [credentials.spend_step("anna", step) for step in (5, 5, 4, 6)] == [
        True,
        False,
        False,
        True,
    ]
    assert [credentials.spend_recovery("anna", code) for code in ("a", "a", "c")] == [
        True,
        False,
        False,
    ]
    assert credentials.find("anna").recovery == {"b"}
    assert books.events().count("person.recovery-used") == 1


def test_link_is_used_once(books: Books) -> None:
    """A one-time link sets one password, for its own user, before it expires."""
    books.add(ADMIN)
    books.add(ANNA)
    now = books.clock.now()
    books.ledger.one_time_links.add(OneTimeLink("anna", now, now + DAY), "first", ACTOR)
    books.ledger.one_time_links.add(OneTimeLink("anna", now, now + DAY), "link", ACTOR)
    secrets = LoginSecrets(password="$argon2id$")

    def use(login: str, link: str) -> None:
        books.ledger.credentials.save(login, secrets, "person.password-set", {}, ACTOR, link=link)

    for login, link in (("root", "link"), ("anna", "first"), ("anna", "no")):
        with pytest.raises(AccessFault):
            use(login, link)
    use("anna", "link")
    with pytest.raises(AccessFault):
        use("anna", "link")
    books.ledger.one_time_links.add(OneTimeLink("anna", now, now + DAY), "late", ACTOR)
    books.clock.moment += DAY
    with pytest.raises(AccessFault):
        use("anna", "late")


def test_first_administrator_by_link(books: Books) -> None:
    """The first administrator's link makes one administrator, and none once there is one."""
    now = books.clock.now()
    books.ledger.one_time_links.add(OneTimeLink("", now, now + DAY), "link", ACTOR)
    with pytest.raises(AccessFault):
        books.add(ADMIN, link="wrong")
    assert books.ledger.people.all() == ()
    books.add(ADMIN, link="link", secrets=LoginSecrets(password="$argon2id$"))
    assert books.ledger.credentials.find("root").password == "$argon2id$"
    with pytest.raises(AccessFault):
        books.add(ANNA, link="link")
    with pytest.raises(UsageFault) as refused:
        books.ledger.one_time_links.add(OneTimeLink("", now, now + DAY), "again", ACTOR)
    assert refused.value.code == "usage.has-administrator"


def test_sessions(books: Books) -> None:
    """A session is found by its token until it is ended; who is logged in can be listed."""
    books.add(ANNA)
    now = books.clock.now()
    first, second = _session("anna", "1", now), _session("anna", "2", now + timedelta(minutes=1))
    books.ledger.sessions.begin(first, "hash1")
    books.ledger.sessions.begin(second, "hash2")
    assert books.ledger.sessions.find("hash1") == first
    later = now + timedelta(minutes=5)
    books.ledger.sessions.touch("1", later)
    assert books.ledger.sessions.find("hash1") == replace(first, seen=later)
    assert [one.id for one in books.ledger.sessions.open("anna")] == ["2", "1"]
    assert books.ledger.sessions.end("anna", "person.logged-out", ACTOR, session="1") == 1
    assert books.ledger.sessions.end("anna", "person.logged-out", ACTOR, session="1") == 0
    assert books.ledger.sessions.find("hash1") is None
    assert books.ledger.sessions.end("anna", "person.sessions-ended", ACTOR, stays="2") == 0
    assert books.ledger.sessions.end("anna", "person.sessions-ended", ACTOR) == 1
    assert books.events()[1:] == [
        "person.logged-in",
        "person.logged-in",
        "person.logged-out",
        "person.sessions-ended",
    ]


def test_api_tokens(books: Books) -> None:
    """An API token is found by its hash, and withdrawn for ever, only by its owner's name."""
    books.add(ANNA)
    now = books.clock.now()
    scopes = frozenset({Permission.SEE_LOG, Permission.VERIFY})
    token = ApiToken("t", "anna", "nightly export", scopes, now, now + DAY)
    books.ledger.api_tokens.add(token, "secret", ACTOR)
    books.ledger.api_tokens.touch("t", now)
    assert books.ledger.api_tokens.find("secret") == replace(token, used=now)
    assert books.ledger.api_tokens.find("other") is None
    with pytest.raises(UsageFault):
        books.ledger.api_tokens.withdraw("root", "t", ACTOR)
    books.ledger.api_tokens.withdraw("anna", "t", ACTOR)
    with pytest.raises(UsageFault):
        books.ledger.api_tokens.withdraw("anna", "t", ACTOR)
    assert books.ledger.api_tokens.all("anna") == (replace(token, used=now, withdrawn=True),)
    assert books.ledger.api_tokens.all("root") == ()


# --- failures ------------------------------------------------------------------------------------

POLICY = PausePolicy(after=3, after_of_address=6, first=30, longest=100)


def test_pauses_grow(books: Books) -> None:
    """After some failures in a row each further one begins a longer pause; a restart keeps them."""
    address = "192.0.2.1"
    pauses = []
    for _ in range(6):
        books.start_again()
        attempts = books.ledger.login_attempts
        assert attempts.begin("anna", address, POLICY) is None
        until = attempts.fail("anna", address, "anna")
        now = books.clock.now()
        pauses.append((until - now).total_seconds() if until else 0)
        if until:
            assert attempts.begin("anna", address, POLICY) == until
            books.clock.moment = until
    assert pauses == [0, 0, 30, 60, 100, 100]
    assert books.events() == ["person.refused"] * 2 + ["person.paused"] * 4


def test_right_attempts_do_not_count(books: Books) -> None:
    """What succeeded, or only lacked a code, is no failure; unlocking forgets all."""
    attempts = books.ledger.login_attempts
    for number in range(20):
        assert attempts.begin("anna", "192.0.2.1", POLICY) is None
        (attempts.succeed if number % 2 else attempts.retract)("anna", "192.0.2.1")
    for _ in range(3):
        attempts.begin("anna", "192.0.2.2", POLICY)
    assert attempts.begin("anna", "192.0.2.3", POLICY) is not None
    attempts.unlock("anna", ACTOR)
    assert attempts.begin("anna", "192.0.2.3", POLICY) is None
    assert books.events() == ["person.unlocked"]


def test_one_address_tries_many_logins(books: Books) -> None:
    """Who tries one password with many logins has to wait as well, but nobody else."""
    attempts = books.ledger.login_attempts
    for number in range(6):
        assert attempts.begin(f"user{number}", "192.0.2.1", POLICY) is None
    assert attempts.begin("anna", "192.0.2.1", POLICY) is not None
    assert attempts.begin("anna", "192.0.2.2", POLICY) is None


def test_many_at_once_are_no_more_than_many_in_a_row(books: Books) -> None:
    """Of attempts at the same moment no more are looked at than of attempts one by one."""
    attempts = books.ledger.login_attempts
    with ThreadPoolExecutor(8) as pool:
        begun = list(pool.map(lambda _: attempts.begin("anna", "192.0.2.1", POLICY), range(40)))
    assert begun.count(None) == POLICY.after


def test_failures_are_forgotten(books: Books) -> None:
    """Long after the last failure nobody remembers it."""
    attempts = books.ledger.login_attempts
    for _ in range(2):
        attempts.begin("anna", "192.0.2.1", POLICY)
    books.clock.moment += timedelta(days=2)
    assert attempts.begin("anna", "192.0.2.1", POLICY) is None
    assert attempts.begin("anna", "192.0.2.1", POLICY) is None


def test_log_is_not_flooded(books: Books) -> None:
    """Of very many failures in an hour the log tells the first, and how many it left out."""
    attempts = books.ledger.login_attempts
    for number in range(150):
        attempts.fail(f"user{number}", "192.0.2.1", "unknown")
    assert len(books.events()) == 100
    books.clock.moment += timedelta(hours=1)
    attempts.fail("anna", "192.0.2.1", "anna")
    *_, last = books.ledger.entries()
    assert dict(last.details)["not logged before"] == "50"


# --- one transaction -----------------------------------------------------------------------------


def _changes(books: Books) -> dict[str, Callable[[], object]]:
    """Return every change that the log tells of, ready to be made on a site with anna."""
    ledger, now = books.ledger, books.clock.now()
    anna = ledger.people.find("anna")
    assert anna is not None
    secrets = ledger.credentials.find("anna")
    scopes = frozenset({Permission.SEE_LOG})
    token = ApiToken("new", "anna", "x", scopes, now, now + DAY)
    request = KeeperRequest("rule", "a.yaml", "rule.changed", "{}", (), ACTOR, now, now + DAY)
    return {
        "add": lambda: books.add(ADMIN),
        "change": lambda: books.change(replace(anna, name="Other", disabled=True)),
        "group": lambda: ledger.groups.save(Group("new"), "group.added", {}, ACTOR),
        "credentials": lambda: ledger.credentials.save(
            "anna", replace(secrets, password="new"), "person.password-set", {}, ACTOR, link="link"
        ),
        "recovery": lambda: ledger.credentials.spend_recovery("anna", "code"),
        "begin": lambda: ledger.sessions.begin(_session("anna", "new", now), "new"),
        "end": lambda: ledger.sessions.end("anna", "person.logged-out", ACTOR),
        "token": lambda: ledger.api_tokens.add(token, "new", ACTOR),
        "withdraw": lambda: ledger.api_tokens.withdraw("anna", "old", ACTOR),
        "link": lambda: ledger.one_time_links.add(OneTimeLink("anna", now, now + DAY), "n", ACTOR),
        "unlock": lambda: ledger.login_attempts.unlock("anna", ACTOR),
        "file": lambda: ledger.keeper_requests.file(request),
        "close": lambda: ledger.keeper_requests.close(1, "person:ben", confirmed=False),
    }


CHANGES = (
    *("add", "begin", "change", "close", "credentials", "end", "file", "group", "link"),
    *("recovery", "token", "unlock", "withdraw"),
)


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_changes_that_is_not_logged(
    books: Books, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """A change whose entry cannot be written is not made: both are one transaction."""
    now = books.clock.now()
    books.add(ANNA)
    books.ledger.sessions.begin(_session("anna", "old", now), "old")
    secrets = LoginSecrets(password="$argon2id$", recovery=frozenset({"code"}))
    books.ledger.credentials.save("anna", secrets, "person.totp-on", {}, ACTOR, stays="old")
    scopes = frozenset({Permission.SEE_LOG})
    old = ApiToken("old", "anna", "x", scopes, now, now + DAY)
    books.ledger.api_tokens.add(old, "secret", ACTOR)
    books.ledger.one_time_links.add(OneTimeLink("anna", now, now + DAY), "link", ACTOR)
    books.ledger.login_attempts.begin("anna", "192.0.2.1", POLICY)
    filed = KeeperRequest("rule", "a.yaml", "rule.changed", "{}", (), ACTOR, now, now + DAY)
    books.ledger.keeper_requests.file(filed)
    changes = _changes(books)
    assert set(changes) == set(CHANGES)
    before = _everything(books)

    def fail(*_: object, **__: object) -> None:
        raise SiteFault("site.disk-full", "the log")

    with monkeypatch.context() as patched:
        for module in ("people", "credentials", "sessions", "login_attempts", "keeper_requests"):
            patched.setattr(f"gateway.ledger.{module}.append", fail)
        with pytest.raises(SiteFault):
            changes[change]()
    assert _everything(books) == before
    changes[change]()
    after = _everything(books)
    assert after != before
    assert len(books.events()) == len(before["log"]) + 1


def _everything(books: Books) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of all tables of people, and of the log."""
    tables = (
        *("users", "user_groups", "memberships", "role_grants", "credentials", "recovery_codes"),
        *("sessions", "api_tokens", "one_time_links", "login_failures", "keeper_requests", "log"),
    )
    with books.ledger.people._store.snapshot() as connection:
        select = "SELECT * FROM {table}"  # our own names
        return {one: connection.execute(select.format(table=one)).fetchall() for one in tables}


# --- who dropped a file --------------------------------------------------------------------------


def test_who_dropped_a_file(books: Books) -> None:
    """Owner and home tell a user, as users are now; one who is disabled is nobody."""
    who = books.ledger.droppers.who
    anna = books.add(replace(ANNA, posix="aschmidt", home="in/anna"))
    assert who("in", "a.pdf", "aschmidt") == Dropper(
        "aschmidt", "anna", books.ledger.people.person("anna")
    )
    assert who("in", "anna/\udcff.pdf", "sealgate").name == "anna"
    assert who("in", "a.pdf", "sealgate") == Dropper("sealgate", "sealgate")
    assert who("in", "a.pdf", "") == Dropper()
    books.change(replace(anna, disabled=True))
    assert who("in", "a.pdf", "aschmidt") == Dropper("aschmidt")


def test_announced_bytes_are_the_users(books: Books) -> None:
    """What a user lays there by the console is known by its bytes and name, whoever owns it."""
    books.add(ANNA)
    droppers = books.ledger.droppers
    droppers.announce("in", "a.pdf", "ab" * 32, "anna")
    assert droppers.who("in", "a.pdf", "sealgate", "ab" * 32).name == "anna"
    for source, sha256 in (("b.pdf", "ab" * 32), ("a.pdf", "cd" * 32), ("a.pdf", "")):
        assert droppers.who("in", source, "sealgate", sha256).name == "sealgate"
    with pytest.raises(UsageFault) as unknown:
        droppers.announce("in", "a.pdf", "ab" * 32, "nobody")
    assert unknown.value.code == "usage.unknown-user"
    assert books.events() == ["person.added", "document.uploaded"]


@pytest.mark.parametrize(
    ("actor", "known_as"),
    [
        ("user:aschmidt", "person:anna"),
        ("user:ben", "person:ben"),
        ("user:anna", "user:anna"),
        ("user:root", "user:root"),
        ("person:anna", "person:anna"),
    ],
)
def test_one_person_at_machine_and_console(books: Books, actor: str, known_as: str) -> None:
    """A user of the machine is the user whose files he owns, or who is called like him."""
    books.add(replace(ANNA, posix="aschmidt"))
    books.add(Account("ben", "Ben"))
    assert books.ledger.droppers.known_as(actor) == known_as
