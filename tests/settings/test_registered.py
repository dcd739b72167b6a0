"""Registered seals in the rulebook."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.core.errors import ConfigurationFault, Problem
from gateway.core.ledger_settings import PostgresqlSettings
from gateway.core.registry import ArtworkKind, RegisteredSeal, SealVersion, Standing
from gateway.seals.store import ArtworkStore
from gateway.settings import LoadedSite, load
from tests.settings.conftest import RULES, SITE, Configuration

VERSION = SealVersion(1, "ab" * 32, ArtworkKind.PDF, 100.0, 80.0, "", "")
SEAL = RegisteredSeal("round", "sandbox", versions=(VERSION,), revision=1)
ROUND_RULES = RULES.replace("seal: company", "seal: round")
NO_SEALS = SITE.replace("seals:\n  company: {image: seal.png, width: 40mm, service: sandbox}\n", "")


def loaded(
    configuration: Configuration, *seals: RegisteredSeal, with_rules: bool = True
) -> LoadedSite:
    """Load the site with these registered seals."""
    states: list[Path] = []

    def registry(state: Path, ledger: PostgresqlSettings | None) -> tuple[RegisteredSeal, ...]:
        assert ledger is None
        states.append(state)
        return seals

    store = ArtworkStore(configuration.root / "state" / "artwork")
    found = load(configuration.root, store, {}, with_rules=with_rules, registry=registry)
    assert states == [found.settings.state]
    return found


def problems(configuration: Configuration, *seals: RegisteredSeal) -> tuple[Problem, ...]:
    """Return what loading objects to."""
    with pytest.raises(ConfigurationFault) as refused:
        loaded(configuration, *seals)
    return refused.value.problems


def test_rules_may_name_registered_seals(configuration: Configuration) -> None:
    """A registered seal stands in the rulebook by its newest look; gateway.yaml needs none."""
    configuration.write("gateway.yaml", NO_SEALS)
    configuration.write("rules/a.yaml", ROUND_RULES)
    newer = SealVersion(2, "cd" * 32, ArtworkKind.PNG, 50.0, 40.0, "", "")
    before = loaded(configuration, SEAL)
    after = loaded(configuration, RegisteredSeal("round", "sandbox", versions=(VERSION, newer)))
    seal = after.rulebook.seal("round")
    assert (seal.version, seal.artwork, seal.width, seal.height) == (2, "cd" * 32, 50.0, 40.0)
    assert before.rulebook.snapshot != after.rulebook.snapshot


@pytest.mark.parametrize("standing", Standing)
def test_standing_makes_no_configuration_invalid(
    configuration: Configuration, standing: Standing
) -> None:
    """A rule may name a revoked or retired seal; only a seal in use needs its service."""
    configuration.write("rules/a.yaml", ROUND_RULES)
    seal = RegisteredSeal("round", "sandbox", standing=standing, versions=(VERSION,))
    assert loaded(configuration, seal).rulebook.seal("round").version == 1
    gone = RegisteredSeal("round", "sandbx", standing=standing, versions=(VERSION,))
    if standing is not Standing.ACTIVE:
        loaded(configuration, gone)
        return
    (problem,) = problems(configuration, gone)
    assert (problem.file, problem.code) == ("gateway.yaml", "settings.unknown-name")
    assert "Did you mean sandbox?" in problem.remedy
    loaded(configuration, gone, with_rules=False)  # so that the seal can be mended


def test_one_name_is_one_seal(configuration: Configuration) -> None:
    """A name in gateway.yaml that is registered, too, is refused where it stands."""
    twice = RegisteredSeal("company", "sandbox", versions=(VERSION,))
    (problem,) = problems(configuration, twice)
    assert (problem.code, problem.line) == ("settings.duplicate-name", 12)


def test_misspelt_seal_is_told_of_both(configuration: Configuration) -> None:
    """A seal that is neither defined nor registered is unknown; the nearest name is told."""
    configuration.write("rules/a.yaml", RULES.replace("seal: company", "seal: rounf"))
    (problem,) = problems(configuration, SEAL)
    assert (problem.code, problem.file) == ("settings.unknown-name", "rules/a.yaml")
    assert "Did you mean round?" in problem.remedy


def test_site_without_any_seal(configuration: Configuration) -> None:
    """Where no seal is defined or registered, that is the problem, and the only one."""
    configuration.write("gateway.yaml", NO_SEALS)
    (problem,) = problems(configuration)
    assert (problem.file, problem.code) == ("gateway.yaml", "settings.missing-key")
    assert "sealgate seals add" in problem.remedy
