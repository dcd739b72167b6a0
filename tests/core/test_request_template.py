"""Templates of requests, and pointers into answers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.core.json_pointer import find, parse
from gateway.core.request_template import call_values, check, check_body, fill, is_json

DIGEST = bytes(range(240, 256)) * 2
VALUES = call_values(DIGEST, "an-id", datetime(2026, 1, 31, 14, 0, 0, 250_000, tzinfo=UTC))


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{digest.hex}", DIGEST.hex()),
        ("{digest.base64}", "8PHy8/T19vf4+fr7/P3+//Dx8vP09fb3+Pn6+/z9/v8="),
        ("{digest.base64url}", "8PHy8_T19vf4-fr7_P3-__Dx8vP09fb3-Pn6-_z9_v8"),
        ("{time} {time.seconds}", "2026-01-31T14:00:00Z 1769868000"),
        ("{time.milliseconds}{request-id}", "1769868000250an-id"),
        ('{"a": {"b": "{request-id}"}}', '{"a": {"b": "an-id"}}'),
        ("{ digest.hex } {} {A}", "{ digest.hex } {} {A}"),
    ],
)
def test_filling(template: str, expected: str) -> None:
    """Placeholders are replaced, and other braces are text."""
    assert fill(template, VALUES) == expected


def test_values_are_not_filled_again() -> None:
    """A value that looks like a placeholder stays what it is."""
    assert fill("{body}", {"body": "{request-id}", "request-id": "x"}) == "{request-id}"


@pytest.mark.parametrize(
    ("template", "kind", "word"),
    [
        ("{digest.hex}{digest.hax}", "text/plain", "digest.hax"),
        ("plain", "text/plain", "must hold the digest"),
        ("{request-id}", "text/plain", "must hold the digest"),
        ('{"a": {digest.hex}}', "application/json", "not JSON"),
        ('{"a": "{digest.hex}"', "application/x-amz-json-1.1", "not JSON"),
        ("{digest.hex}", "application/problem+json; charset=utf-8", "not JSON"),
    ],
)
def test_bodies_refused(template: str, kind: str, word: str) -> None:
    """A body that nobody could want is refused in words."""
    with pytest.raises(ValueError, match=word):
        check_body(template, kind)


def test_bodies_accepted() -> None:
    """JSON is asked for only where the type says so."""
    check_body("hash={digest.hex}&id={request-id}", "application/x-www-form-urlencoded")
    check_body('{"a": "{digest.base64}", "n": {time.seconds}}', "application/json")
    check("{time}", ("time",))
    assert not is_json("text/plain")


DOCUMENT = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8, "k": {"l": [{"z": "deep"}]}}


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("", DOCUMENT),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/m~0n", 8),
        ("/k/l/0/z", "deep"),
    ],
)
def test_pointers(pointer: str, expected: object) -> None:
    """The examples of RFC 6901 (5) lead where they say."""
    assert find(DOCUMENT, pointer) == expected


@pytest.mark.parametrize("pointer", ["/none", "/foo/2", "/foo/-", "/foo/01", "/foo/0/x", "/k/l/z"])
def test_pointers_into_nothing(pointer: str) -> None:
    """A pointer to what is not there raises one kind of error."""
    with pytest.raises(LookupError):
        find(DOCUMENT, pointer)


@pytest.mark.parametrize("pointer", ["foo", "/a~", "/a~2", "#/foo"])
def test_no_pointers(pointer: str) -> None:
    """What is no pointer is refused."""
    with pytest.raises(ValueError, match="JSON pointer"):
        parse(pointer)
