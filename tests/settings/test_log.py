"""`log:` in `gateway.yaml`: when the log's head is stamped, and by whom."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.settings.conftest import SITE, Configuration


@pytest.mark.parametrize("written", ["02:30", '"02:30"', "12:30"])
def test_daily_is_in_the_time_zone_of_the_site(configuration: Configuration, written: str) -> None:
    """The hour is that of the site's own clock on the wall."""
    text = f"{SITE}\ntime_zone: Asia/Shanghai\nlog: {{timestamp: {{daily: {written}}}}}\n"
    configuration.write("gateway.yaml", text)
    settings = configuration.load().settings.log_timestamp
    assert settings is not None
    assert settings.authority == ""
    firing = settings.daily.next_after(datetime(2026, 11, 20, 0, 0, tzinfo=UTC))
    assert firing is not None
    assert f"{firing:%H:%M%z}" == written.strip('"') + "+0800"


def test_off_by_default(configuration: Configuration) -> None:
    """Nobody is asked unless told to."""
    assert configuration.load().settings.log_timestamp is None


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ('{daily: "24:00"}', "daily"),
        ('{daily: "2:30"}', "daily"),
        ("{daily: noon}", "daily"),
        ("{}", "daily"),
        ('{daily: "02:30", authority: tsb}', "There is no time-stamp authority tsb"),
        ('{daily: "02:30", weekly: x}', "weekly"),
    ],
)
def test_what_is_refused(configuration: Configuration, written: str, words: str) -> None:
    """What is no time of day, or nobody's name, is refused at its line."""
    configuration.write("gateway.yaml", f"{SITE}\nlog: {{timestamp: {written}}}\n")
    problems = configuration.problems()
    assert len(problems) == 1
    assert words in str(problems[0])


def test_without_an_authority(configuration: Configuration) -> None:
    """A site that has none is told so."""
    bare = SITE.replace('timestamp: {url: "sandbox://tsa"}', "")
    configuration.write("gateway.yaml", f'{bare}\nlog: {{timestamp: {{daily: "02:30"}}}}\n')
    (problem,) = configuration.problems()
    assert problem.code == "settings.missing-key"
