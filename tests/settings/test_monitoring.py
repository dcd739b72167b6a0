"""`monitoring:` in `gateway.yaml`: what is understood, and what is refused where it stands."""

from __future__ import annotations

import pytest

from gateway.core.monitoring import MonitoringSettings
from tests.settings.conftest import SITE, Configuration


@pytest.mark.parametrize(
    ("written", "settings"),
    [
        ('{listen: "127.0.0.1:9464"}', MonitoringSettings("127.0.0.1", 9464)),
        ('{listen: "[::1]:9464"}', MonitoringSettings("::1", 9464)),
        ('{listen: "localhost:1"}', MonitoringSettings("localhost", 1)),
        ('{listen: "192.0.2.1:9464", anywhere: true}', MonitoringSettings("192.0.2.1", 9464)),
    ],
)
def test_what_is_understood(
    configuration: Configuration, written: str, settings: MonitoringSettings
) -> None:
    """Addresses of this machine are understood, others when somebody insists."""
    configuration.write("gateway.yaml", f"{SITE}\nmonitoring: {written}\n")
    assert configuration.load().settings.monitoring == settings


def test_off_by_default(configuration: Configuration) -> None:
    """Nothing listens unless told to."""
    configuration.write("gateway.yaml", SITE)
    assert configuration.load().settings.monitoring is None


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("0.0.0.0:9464", "Other machines could reach"),
        ("192.0.2.1:9464", "anywhere: true"),
        ("[::]:9464", "Other machines could reach"),
        ("127.0.0.1", "no address to listen on"),
        ("127.0.0.1:0", "no address to listen on"),
        ("127.0.0.1:99999", "no address to listen on"),
        (":9464", "no address to listen on"),
        ("monitor.lan:9464", "no address to listen on"),
        ("user@127.0.0.1:9464", "no address to listen on"),
        ("http://127.0.0.1:9464/metrics", "no address to listen on"),
    ],
)
def test_what_is_refused(configuration: Configuration, written: str, words: str) -> None:
    """What cannot be listened on, or everybody could reach, is refused at its line."""
    configuration.write("gateway.yaml", f'{SITE}\nmonitoring: {{listen: "{written}"}}\n')
    problems = configuration.problems()
    assert len(problems) == 1
    assert words in str(problems[0])
    assert problems[0].code == "settings.wrong-value"
