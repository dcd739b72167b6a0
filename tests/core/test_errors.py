"""The tree of errors and the closed list of their codes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.core import error_page
from gateway.core.error_codes import CODES, ErrorCode, Scope
from gateway.core.errors import (
    ConfigurationFault,
    DocumentFault,
    InternalFault,
    Problem,
    SealgateError,
    ServiceFault,
    SiteFault,
    UsageFault,
    WaitingFault,
)

_ROOT = Path(__file__).parents[2]
_CLASS: dict[Scope, type[SealgateError]] = {
    Scope.DOCUMENT: DocumentFault,
    Scope.SERVICE: ServiceFault,
    Scope.SITE: SiteFault,
    Scope.WAITING: WaitingFault,
    Scope.USAGE: UsageFault,
}


@pytest.mark.parametrize("entry", CODES.values(), ids=list(CODES))
def test_every_code_is_explained(entry: ErrorCode) -> None:
    """Each code has a plain sentence and a remedy, and is spelled like the others."""
    assert re.fullmatch(r"[a-z]+(\.[a-z0-9]+(-[a-z0-9]+)*)", entry.code)
    for text in (entry.meaning, entry.remedy):
        assert len(text) > 10
        assert text.endswith(".")
        assert text[0].isupper() or text.startswith(("chmod", "sealgate"))


def test_no_code_stands_twice() -> None:
    """A second row of the same code would hide the first."""
    files = (_ROOT / "gateway" / "core").glob("*_codes.py")
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    written = re.findall(r'^\s*(?:[a-z]+\(|ErrorCode\()?\s*"([a-z]+\.[a-z0-9-]+)",', source, re.M)
    assert sorted(written) == sorted(CODES)


@pytest.mark.parametrize("scope", Scope)
def test_only_what_passes_by_itself_is_retryable(scope: Scope) -> None:
    """What is not a document's or a person's error ends by itself, but a target's final refusal."""
    retryable = {
        entry.retryable
        for entry in CODES.values()
        if entry.scope is scope and entry.code != "notice.refused"
    }
    assert not CODES["notice.refused"].retryable
    assert retryable == {scope in (Scope.SERVICE, Scope.SITE, Scope.WAITING, Scope.NOTICE)}


@pytest.mark.parametrize("scope", _CLASS)
def test_a_code_of_another_scope_is_refused(scope: Scope) -> None:
    """An error cannot be raised as one that stops more, or less, than its code says."""
    for entry in CODES.values():
        if entry.scope is scope:
            fault = _CLASS[scope](entry.code, "this case")
            assert fault.retryable is entry.retryable
            assert fault.sentence == f"{entry.meaning} (this case)"
            assert fault.remedy == entry.remedy
            assert str(fault) == f"{entry.code}: {fault.sentence}"
        else:
            with pytest.raises(ValueError, match=f"{entry.code} is a {entry.scope} code"):
                _CLASS[scope](entry.code)


def test_unknown_code_is_refused() -> None:
    """What is not in the closed list cannot be raised."""
    with pytest.raises(KeyError):
        DocumentFault("pdf.invented")


def test_configuration_fault_carries_its_problems() -> None:
    """All problems are told, each with its place and remedy."""
    problem = Problem("gateway.yaml", 3, 7, "settings.unknown-key", "'inbxo' is unknown", "Mend.")
    whole = Problem("rules", 0, 0, "settings.no-rules", "no rule file", "Add one.")
    fault = ConfigurationFault((problem, whole))
    assert fault.problems == (problem, whole)
    assert fault.sentence == "The configuration is not valid. (2 problems)"
    assert "1 problem)" in ConfigurationFault((problem,)).sentence
    assert str(problem).startswith("gateway.yaml:3:7: 'inbxo' is unknown [settings.unknown-key]")
    assert str(whole).startswith("rules: no rule file")


def test_internal_fault_names_its_cause() -> None:
    """An unforeseen exception is told by its kind, cut to a readable length."""
    fault = InternalFault(ZeroDivisionError("x" * 1000))
    assert fault.code == "internal.unexpected"
    assert fault.detail.startswith("ZeroDivisionError: xxx")
    assert len(fault.detail) == 500


def test_page_of_errors_is_current() -> None:
    """docs/errors.md is what `python -m gateway.core.error_page` writes."""
    assert (_ROOT / "docs/errors.md").read_text(encoding="utf-8") == error_page.page()


def test_page_of_errors_tells_every_code() -> None:
    """Each code stands on the page with its sentence and remedy."""
    text = error_page.page()
    for entry in CODES.values():
        assert f"`{entry.code}`" in text
        assert entry.meaning in text
        assert entry.remedy.replace("|", r"\|") in text
