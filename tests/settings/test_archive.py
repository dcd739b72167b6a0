"""What `gateway.yaml` says about the archive: its folder, its flag, retention and purges."""

from __future__ import annotations

import pytest

from gateway.core.retention import Retention
from gateway.core.site import Immutable
from tests.settings.conftest import SITE, Configuration


@pytest.mark.parametrize(
    ("written", "folder", "immutable"),
    [
        ("", "archive", Immutable.NO),
        ("archive: kept", "kept", Immutable.NO),
        ("archive: {immutable: true}", "archive", Immutable.WANTED),
        ("archive: {path: kept, immutable: require}", "kept", Immutable.REQUIRED),
        ("archive: {immutable: false}", "archive", Immutable.NO),
    ],
)
def test_the_archive_is_a_folder_or_more(
    configuration: Configuration, written: str, folder: str, immutable: Immutable
) -> None:
    """Its folder alone, or a mapping with what else there is to say."""
    configuration.write("gateway.yaml", f"{SITE}\n{written}\n")
    settings = configuration.load().settings
    assert (settings.archive.name, settings.immutable) == (folder, immutable)


@pytest.mark.parametrize(
    ("written", "retention", "purges"),
    [
        ("", None, []),
        ("retention: 10y", Retention(months=120), []),
        ("retention: {keep: 90d}", Retention(days=90), []),
        ('retention: {keep: 90d, purge: "0 3 * * *"}', Retention(days=90), ["0 3 * * *"]),
    ],
)
def test_retention_is_a_time_or_more(
    configuration: Configuration, written: str, retention: Retention | None, purges: list[str]
) -> None:
    """The time alone, or with when the daemon purges, in the site's time zone."""
    configuration.write("gateway.yaml", f"{SITE}\ntime_zone: Europe/Berlin\n{written}\n")
    settings = configuration.load().settings
    assert settings.retention == retention
    assert [one.text for one in settings.purges] == purges
    assert {str(one.zone) for one in settings.purges} <= {"Europe/Berlin"}


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("archive: {immutable: maybe}", "require"),
        ("archive: {inmutable: true}", "immutable"),
        ("retention: {purge: 0 3 * * *}", "keep"),
        ("retention: {keep: 90}", "90d"),
        ("retention: 90", "90d"),
        ("retention: {keep: 90d, purge: daily}", "five fields"),
        ("retention: {keep: 90d, purges: 0 3 * * *}", "purge"),
    ],
)
def test_what_is_refused(configuration: Configuration, written: str, says: str) -> None:
    """One problem each, at its line, with what to write instead."""
    configuration.write("gateway.yaml", f"{SITE}\n{written}\n")
    (problem,) = configuration.problems()
    assert problem.line == len(SITE.splitlines()) + 2
    assert says in problem.message + problem.remedy
