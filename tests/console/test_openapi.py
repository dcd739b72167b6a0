"""The HTTP API keeps what its OpenAPI document says, whatever is sent: Schemathesis asks."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import one_of
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gateway.console.app import make_app
from gateway.core.people import PERMISSIONS, Role
from gateway.wiring import Site

_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR, Role.SUBMITTER, Role.APPROVER])
def test_answers_are_those_of_the_document(site: Site, role: Role) -> None:
    """With a token of each kind of role no request ends in a defect or in an answer not told of."""
    app = make_app(site)
    made = site.people.access.make_token(role.value, "test", PERMISSIONS[role], 1, "user:test")
    headers = {"Authorization": f"Bearer {made.secret}"}
    url = site.loaded.settings.console.url
    host = {"Host": url.partition("//")[2]}
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app, headers=host)
    operations = [one.ok() for one in schema.get_all_operations()]
    assert len(operations) >= 6
    for operation in operations:
        strategy = one_of(*(operation.as_strategy(generation_mode=one) for one in GenerationMode))

        @seed(7)
        @settings(
            max_examples=12,
            database=None,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=strategy)
        def ask(case: schemathesis.Case) -> None:
            if case.path_parameters.get("inbox"):
                case.path_parameters["inbox"] = "documents"
            case.call_and_validate(headers=headers, base_url=url, checks=_CHECKS)

        ask()
