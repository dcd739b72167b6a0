"""Options of a rule's profile and place, and the site's passwords: taken as written, or refused."""

from __future__ import annotations

import json

import pytest

from gateway.core.facts import TextQuery
from gateway.core.places import AtText, IntoField
from gateway.core.profile import Commitment, FieldLock, LockAction, SignaturePolicy
from gateway.settings.schema import schema
from tests.settings.conftest import RULES, SITE, Configuration

HASH = "ab" * 32


def with_profile(configuration: Configuration, profile: str) -> None:
    """Give the only rule a profile, on line 6."""
    configuration.write("rules/a.yaml", RULES + f"    profile: {profile}\n")


@pytest.mark.parametrize(
    ("written", "lock"),
    [
        ("all", FieldLock(LockAction.ALL)),
        ("{include: [Amount, a.b]}", FieldLock(LockAction.INCLUDE, ("Amount", "a.b"))),
        ("{exclude: [00123]}", FieldLock(LockAction.EXCLUDE, ("00123",))),
    ],
)
def test_locks(configuration: Configuration, written: str, lock: FieldLock) -> None:
    """A lock is of all fields, of some, or of all but some."""
    with_profile(configuration, f"{{lock: {written}}}")
    assert configuration.load().rulebook.rules[0].profile.lock == lock


@pytest.mark.parametrize("commitment", Commitment)
def test_commitments(configuration: Configuration, commitment: Commitment) -> None:
    """Each commitment is written as the standard calls it."""
    with_profile(configuration, f"{{commitment: {commitment.value}, name: Example Ltd}}")
    profile = configuration.load().rulebook.rules[0].profile
    assert (profile.commitment, profile.name) == (commitment, "Example Ltd")


def test_policy(configuration: Configuration) -> None:
    """A policy has identifier and hash, and perhaps an address."""
    with_profile(configuration, f"{{policy: {{oid: 1.3.6.1.4.1.99999.1, hash: sha256:{HASH}}}}}")
    found = configuration.load().rulebook.rules[0].profile.policy
    assert found == SignaturePolicy("1.3.6.1.4.1.99999.1", "sha256", HASH)


@pytest.mark.parametrize(
    ("profile", "code", "part"),
    [
        ("{lock: everything}", "settings.wrong-value", "Write all, or"),
        ("{lock: {}}", "settings.wrong-value", "Write all, or"),
        ("{lock: {include: [a], exclude: [b]}}", "settings.wrong-value", "Write all, or"),
        ("{lock: {include: []}}", "settings.missing-key", "at least one"),
        ("{lock: {includes: [a]}}", "settings.unknown-key", "Did you mean include?"),
        ("{commitment: proof-of-orign}", "settings.wrong-value", "Did you mean proof-of-origin?"),
        ("{policy: {oid: 1.2.3}}", "settings.missing-key", "Add it"),
        (f"{{policy: {{oid: 1, hash: sha256:{HASH}}}}}", "settings.wrong-value", "1.3.6"),
        (f"{{policy: {{oid: 1.2, hash: {HASH}}}}}", "settings.wrong-value", "64 digits"),
        (f"{{policy: {{oid: 1.2, hash: sha512:{HASH}}}}}", "settings.wrong-value", "64 digits"),
        (
            f"{{policy: {{oid: 1.2, hash: sha256:{HASH}, uri: 'https://ü/'}}}}",
            "settings.wrong-value",
            "ASCII",
        ),
        ("{commitment: proof-of-origin, reason: R}", "settings.wrong-value", "EN 319 142-1, 6.3"),
        (
            f"{{policy: {{oid: 1.2, hash: sha256:{HASH}}}, reason: R}}",
            "settings.wrong-value",
            "EN 319 142-1, 6.3",
        ),
    ],
)
def test_bad_profiles(configuration: Configuration, profile: str, code: str, part: str) -> None:
    """What cannot be is refused on its line, with what to write instead."""
    with_profile(configuration, profile)
    (problem,) = configuration.problems()
    assert (problem.code, problem.line) == (code, 6)
    assert part in problem.remedy


def test_place_in_a_field(configuration: Configuration) -> None:
    """A field is a place of its own."""
    good = "place: {page: last, corner: bottom-right, margin: 15mm}"
    configuration.write("rules/a.yaml", RULES.replace(good, "place: {field: Approval.1}"))
    assert configuration.load().rulebook.rules[0].places[0].spot == IntoField("Approval.1")
    configuration.write(
        "rules/a.yaml", RULES.replace(good, "place: {field: a, page: 2, fit: move}")
    )
    (problem,) = configuration.problems()
    assert "does not go together with fit, page" in problem.remedy


def test_words_are_looked_for_on_the_chosen_pages(configuration: Configuration) -> None:
    """A place on some pages does not make the gateway read the others."""
    good = "place: {page: last, corner: bottom-right, margin: 15mm}"
    places = "place: [{at: text, find: a, page: last}, {pages: {text: b, pages: odd}, edge: top}]"
    configuration.write("rules/a.yaml", RULES.replace(good, places))
    (rule,) = configuration.load().rulebook.rules
    words, pages = TextQuery("a", pages="last"), TextQuery("b", expression=True, pages="odd")
    assert rule.places[0].spot == AtText(words)
    assert configuration.load().rulebook.wanted(rule.inbox).queries == (words, pages)


def test_passwords(configuration: Configuration) -> None:
    """Passwords are secrets by name, tried in the order in which they are written."""
    configuration.secret("one", "sesame")
    text = SITE + "passwords: [{secret: one}, {environment: TWO}]\n"
    configuration.write("gateway.yaml", text)
    settings = configuration.load(TWO="second").settings
    assert [secret.value for secret in settings.passwords] == ["sesame", "second"]
    assert "sesame" not in repr(settings)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("[hunter2]", "settings.secret-in-yaml"),
        ("hunter2", "settings.secret-in-yaml"),
        ("[[hunter2]]", "settings.secret-in-yaml"),
        ("[{secret: nowhere}]", "settings.secret"),
        ("[{secret: a, file: b}]", "settings.wrong-value"),
    ],
)
def test_bad_passwords(configuration: Configuration, written: str, code: str) -> None:
    """A password in the file is refused without being repeated."""
    configuration.write("gateway.yaml", SITE + f"passwords: {written}\n")
    (problem,) = configuration.problems()
    assert problem.code == code
    assert "hunter2" not in str(problem)


def test_schema_takes_the_word_all() -> None:
    """An editor objects neither to `lock: all` nor to a list of fields."""
    lock = json.loads(schema("rules.schema.json"))["$defs"]["ProfilePart"]["properties"]["lock"]
    assert {"const": "all"} in lock["anyOf"]
    assert any("LockPart" in str(choice) for choice in lock["anyOf"])
