"""Logging in, and what a session or an API token is good for."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from argon2 import PasswordHasher

from gateway.core.errors import AccessFault, SiteFault, UsageFault
from gateway.core.people import Permission, Role
from gateway.core.visiting import Way
from tests.people.conftest import ACTOR, PASSWORD, Town


def refusal(town: Town, login: str, password: str = PASSWORD, code: str = "") -> str:
    """Return the code with which a log-in is refused."""
    with pytest.raises(AccessFault) as refused:
        town.people.log_in(login, password, code, address="192.0.2.1")
    return refused.value.code


def test_session(town: Town) -> None:
    """Who knows the password is let in, is known by the session, and is gone after logging out."""
    town.add("anna", Role.AUDITOR)
    entered = town.people.log_in(" Anna ", PASSWORD, address="192.0.2.1", browser="Browser")
    visitor = town.people.person_of_session(entered.token)
    assert visitor == entered.visitor
    assert (visitor.person.login, visitor.way) == ("anna", Way.PASSWORD)
    assert visitor.actor == "person:anna"
    assert visitor.may(Permission.SEE_LOG)
    with pytest.raises(AccessFault) as refused:
        visitor.require(Permission.KEEP_SEALS)
    assert refused.value.code == "access.forbidden"
    (session,) = town.ledger.sessions.open("anna")
    assert (session.address, session.browser) == ("192.0.2.1", "Browser")
    town.people.entrance.log_out(visitor)
    with pytest.raises(AccessFault) as gone:
        town.people.person_of_session(entered.token)
    assert gone.value.code == "access.logged-out"
    assert town.events()[-2:] == ["person.logged-in", "person.logged-out"]


def test_roles_count_as_they_are_now(town: Town) -> None:
    """A role that is taken is taken from sessions that are open."""
    town.add("anna", Role.AUDITOR)
    token = town.people.log_in("anna", PASSWORD).token
    town.people.keeping(ACTOR).change("anna", remove_roles=[Role.AUDITOR])
    assert not town.people.person_of_session(token).may(Permission.SEE_LOG)


def test_only_hashes_are_stored(town: Town) -> None:
    """Neither password, session, API token nor link can be read from the ledger's files."""
    town.add("anna", Role.AUDITOR)
    entered = town.people.log_in("anna", PASSWORD)
    made = town.people.access.make_token("anna", "x", [Permission.SEE_LOG], 1, ACTOR)
    link = town.people.access.make_link("anna", ACTOR).rpartition("/")[2]
    totp, codes = town.enrol("anna")
    shown = repr((entered, made, totp, town.ledger.credentials.find("anna")))
    for secret in (entered.token, entered.visitor.csrf, made.secret, "$argon2id$"):
        assert secret not in shown
    kept = b"".join(path.read_bytes() for path in town.state.glob("ledger*"))
    for secret in (PASSWORD, entered.token, made.secret, link, totp.secret, *codes):
        assert secret.encode() not in kept
    assert totp.byte_secret() not in kept


def test_idle_and_old_sessions_end(town: Town) -> None:
    """A session ends when it was not used for a while, and at last however much it is used."""
    town.add("anna", Role.AUDITOR)
    token = town.people.log_in("anna", PASSWORD).token
    town.clock.turn(minutes=31)
    with pytest.raises(AccessFault):
        town.people.person_of_session(token)
    token = town.people.log_in("anna", PASSWORD).token
    for _ in range(35):
        town.clock.turn(minutes=20)
        town.people.person_of_session(token)
    town.clock.turn(minutes=20)
    with pytest.raises(AccessFault):
        town.people.person_of_session(token)
    assert town.events("person.session-ended") == ["person.session-ended"] * 2


def test_nobody_can_tell_who_is_a_user(town: Town) -> None:
    """Unknown, disabled and wrong log-ins are refused alike, each after the work of a hash."""
    town.add("anna", Role.AUDITOR)
    town.add("ben", Role.AUDITOR)
    town.add("cleo", Role.AUDITOR, password="")
    town.people.keeping(ACTOR).disable("ben")
    hashed: list[str] = []
    hasher = town.people.entrance.passwords._hasher
    verify = hasher.verify

    class Counting:
        """Counts what the hasher is asked."""

        def verify(self, kept: str, password: str) -> bool:
            hashed.append(kept)
            return verify(kept, password)

    town.people.entrance.passwords.fits("x", "")
    town.people.entrance.passwords._hasher = Counting()  # type: ignore[assignment]
    for login in ("anna", "ben", "cleo", "nobody"):
        assert refusal(town, login, "wrong password") == "access.refused"
        town.ledger.login_attempts.unlock(login, ACTOR)
    assert len(hashed) == 4
    costs = {kept.split("$")[3] for kept in hashed}
    assert len(costs) == 1, "the same parameters, so the same work"


def test_log_does_not_learn_unknown_logins(town: Town) -> None:
    """A password that was typed into the wrong field does not reach the log."""
    refusal(town, "my secret phrase")
    (entry,) = town.ledger.entries()
    assert dict(entry.details) == {"login": "unknown", "address": "192.0.2.1"}


def test_pauses(town: Town) -> None:
    """After failures even the right password has to wait; then all is forgotten."""
    town.add("anna", Role.AUDITOR)
    codes = [refusal(town, "anna", "wrong password") for _ in range(3)]
    assert codes == ["access.refused", "access.refused", "access.paused"]
    with pytest.raises(AccessFault) as refused:
        town.people.log_in("anna", PASSWORD, address="192.0.2.1")
    assert refused.value.until is not None
    town.clock.moment = refused.value.until
    town.people.log_in("anna", PASSWORD, address="192.0.2.1")
    assert refusal(town, "anna", "wrong password") == "access.refused"


def test_customers_of_one_network_count_together(town: Town) -> None:
    """Whoever changes IPv6 addresses within one's own network is still one address."""
    for number in range(20):
        with pytest.raises(AccessFault):
            town.people.log_in(f"user{number}", PASSWORD, address=f"2001:db8::{number:x}")
    with pytest.raises(AccessFault) as paused:
        town.people.log_in("anna", PASSWORD, address="2001:db8::ffff")
    assert paused.value.code == "access.paused"
    with pytest.raises(AccessFault) as free:
        town.people.log_in("anna", PASSWORD, address="2001:db8:0:1::1")
    assert free.value.code == "access.refused"


def test_second_factor(town: Town) -> None:
    """With an authenticator the password alone does not do, and no code counts twice."""
    town.add("anna", Role.AUDITOR)
    totp, recovery = town.enrol("anna")
    assert refusal(town, "anna") == "access.code-needed"
    assert refusal(town, "anna", code="000000") == "access.refused"
    code = totp.at(town.clock.moment)
    town.people.log_in("anna", PASSWORD, f"{code[:3]} {code[3:]}", address="192.0.2.1")
    assert refusal(town, "anna", code=code) == "access.refused"
    assert len(recovery) == 10
    town.people.log_in("anna", PASSWORD, recovery[3].lower(), address="192.0.2.1")
    assert refusal(town, "anna", code=recovery[3]) == "access.refused"
    town.people.second_factor.remove("anna", ACTOR)
    town.people.log_in("anna", PASSWORD)


def test_code_of_a_clock_that_is_wrong(town: Town) -> None:
    """A code of half a minute ago is taken, one of two minutes ago is not."""
    town.add("anna", Role.AUDITOR)
    totp, _ = town.enrol("anna")
    town.clock.turn(minutes=5)
    assert (
        refusal(town, "anna", code=totp.at(town.clock.moment - timedelta(minutes=2)))
        == "access.refused"
    )
    town.people.log_in("anna", PASSWORD, totp.at(town.clock.moment - timedelta(seconds=30)))


def test_role_asks_for_second_factor(town: Town) -> None:
    """Who has to set up a second factor can do nothing else before."""
    town.add("root", Role.ADMINISTRATOR)
    entered = town.people.log_in("root", PASSWORD)
    assert entered.visitor.needs_second_factor
    with pytest.raises(AccessFault) as refused:
        entered.visitor.require(Permission.MANAGE_PEOPLE)
    assert refused.value.code == "access.second-factor"
    factor, session = town.people.second_factor, entered.visitor.session
    enrolment = factor.begin("root", "person:root", session=session)
    assert "issuer=Example%20Ltd" in enrolment.uri
    with pytest.raises(AccessFault):
        factor.confirm("root", "000000", "person:root", session=session)
    code = pyotp.parse_uri(enrolment.uri).at(town.clock.moment)  # type: ignore[union-attr]
    factor.confirm("root", code, "person:root", session=session)
    assert town.people.person_of_session(entered.token).may(Permission.MANAGE_PEOPLE)


def test_api_token(town: Town) -> None:
    """An API token acts for its owner with its scopes, until it expires or is withdrawn."""
    town.add("anna", Role.AUDITOR)
    made = town.people.access.make_token("anna", "export", [Permission.SEE_LOG], 7, ACTOR)
    visitor = town.people.person_of_api_token(made.secret)
    assert (visitor.way, visitor.token, visitor.session) == (Way.TOKEN, made.token.id, "")
    assert visitor.permissions == {Permission.SEE_LOG}
    town.people.keeping(ACTOR).change("anna", remove_roles=[Role.AUDITOR])
    assert not town.people.person_of_api_token(made.secret).permissions
    (kept,) = town.ledger.api_tokens.all("anna")
    assert kept.used == town.clock.moment
    town.clock.turn(days=7)
    with pytest.raises(AccessFault) as refused:
        town.people.person_of_api_token(made.secret)
    assert refused.value.code == "access.token"
    for wrong in ("", "sealgate_x", made.token.id):
        with pytest.raises(AccessFault):
            town.people.person_of_api_token(wrong)


def test_better_parameters_are_taken_up(town: Town) -> None:
    """A hash with outdated parameters is replaced when its user logs in."""
    town.add("anna", Role.AUDITOR)
    better = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)
    town.people.entrance.passwords._hasher = better
    before = town.ledger.credentials.find("anna").password
    token = town.people.log_in("anna", PASSWORD).token
    after = town.ledger.credentials.find("anna").password
    assert "t=1," in before
    assert "t=2," in after
    town.people.person_of_session(token)
    town.people.log_in("anna", PASSWORD)


@pytest.mark.parametrize("text", ["\ud800", "\x00", "a" * 10**5, "' OR 1=1 --", "٣٤٥", ""])
def test_hostile_texts(town: Town, text: str) -> None:
    """Whatever is sent instead of login, password, code, address or token is only wrong."""
    town.add("anna", Role.AUDITOR)
    town.enrol("anna")
    for login, password, code in (
        (text, PASSWORD, ""),
        ("anna", text, ""),
        ("anna", PASSWORD, text),
    ):
        with pytest.raises(AccessFault):
            town.people.log_in(login, password, code, address=text, browser=text)
        town.ledger.login_attempts.unlock("anna", ACTOR)
    for find in (town.people.person_of_session, town.people.person_of_api_token):
        with pytest.raises(AccessFault):
            find(text)
    with pytest.raises(AccessFault):
        town.people.access.find_link(text)


def test_own_password(town: Town) -> None:
    """Who changes the own password has to know it; other sessions end, this one goes on."""
    town.add("anna", Role.AUDITOR)
    here, there = town.people.log_in("anna", PASSWORD), town.people.log_in("anna", PASSWORD)
    change, session = town.people.access.change_password, here.visitor.session
    with pytest.raises(AccessFault):
        change("anna", "wrong password", PASSWORD + "!", session=session)
    change("anna", PASSWORD, PASSWORD + "!", session=session)
    town.people.person_of_session(here.token)
    with pytest.raises(AccessFault):
        town.people.person_of_session(there.token)
    town.people.log_in("anna", PASSWORD + "!")


def test_link_for_a_new_password(town: Town) -> None:
    """A link sets a new password and lets in, but not past a second factor."""
    town.add("anna", Role.AUDITOR)
    access = town.people.access
    token = access.make_link("anna", ACTOR).rpartition("/")[2]
    assert access.find_link(token).login == "anna"
    with pytest.raises(UsageFault):
        access.redeem_link(token, "short")
    entered = access.redeem_link(token, PASSWORD + "!", login="eve", name="Eve")
    assert entered is not None
    assert entered.visitor.person.login == "anna"
    with pytest.raises(AccessFault):
        access.redeem_link(token, PASSWORD)
    town.enrol("anna")
    token = access.make_link("anna", ACTOR).rpartition("/")[2]
    assert access.redeem_link(token, PASSWORD) is None
    town.clock.turn(hours=1)
    token = access.make_link("anna", ACTOR).rpartition("/")[2]
    town.clock.turn(hours=24)
    with pytest.raises(AccessFault):
        access.find_link(token)
    town.people.keeping(ACTOR).disable("anna")
    with pytest.raises(UsageFault):
        access.make_link("anna", ACTOR)


def test_lost_key(town: Town) -> None:
    """Without its key no code can be checked, which says what to do; nobody is let in instead."""
    town.add("anna", Role.AUDITOR)
    totp, _ = town.enrol("anna")
    key = town.state / "people.key"
    for damage in (lambda: key.chmod(0o644), lambda: key.write_bytes(b"x" * 32), key.unlink):
        key.chmod(0o600)
        damage()
        with pytest.raises(SiteFault) as lost:
            town.people.log_in("anna", PASSWORD, totp.at(town.clock.moment))
        assert lost.value.code == "site.people-key"
        assert town.ledger.sessions.open() == ()
        town.ledger.login_attempts.unlock("anna", ACTOR)
