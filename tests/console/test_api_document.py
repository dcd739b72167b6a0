"""Whatever a program sends to the API, the answer is one that its OpenAPI document describes."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.schemas import OpenApiSchema

from gateway.console.app import make_app
from gateway.core.people import PERMISSIONS, Role
from gateway.wiring import Site

HOST = {"host": "127.0.0.1:8470"}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def document(site: Site) -> OpenApiSchema:
    """Return the API as its document tells of it."""
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", make_app(site), headers=HOST)


@pytest.fixture(scope="module")
def tokens(site: Site) -> tuple[dict[str, str], ...]:
    """Return headers with tokens of people who may do everything, little, and nothing."""
    made = [{}]
    for role in (Role.SUBMITTER, Role.OPERATOR):
        scopes = tuple(sorted(PERMISSIONS[role]))
        token = site.people.access.make_token(role.value, "fuzz", scopes, 30, "user:test")
        made.append({"authorization": f"Bearer {token.secret}"})
    return tuple(made)


def test_the_api_is_as_described(
    document: OpenApiSchema, tokens: tuple[dict[str, str], ...]
) -> None:
    """No request leads to a fault of ours, and every answer is as the document says."""
    operations = [found.ok() for found in document.get_all_operations()]
    assert len(operations) > 5
    for operation in operations:
        _ask(operation, tokens)


def _ask(operation: APIOperation, tokens: tuple[dict[str, str], ...]) -> None:
    @given(case=operation.as_strategy())
    @settings(
        max_examples=8,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Case) -> None:
        for headers in tokens:
            # Of the names of inboxes that are made up, none is one of this site.
            if headers and "inbox" in case.path_parameters:
                case.path_parameters["inbox"] = "documents"
            case.call_and_validate(headers=headers | HOST, checks=CHECKS)

    ask()
