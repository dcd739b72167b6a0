"""The contract of the port `Meter`, held against Prometheus's and the one that forgets."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from prometheus_client import generate_latest

from gateway.monitoring.meter import PrometheusMeter
from gateway.pipeline.metering import STAGES, Unmetered
from gateway.ports import Meter


@pytest.fixture(params=[PrometheusMeter, Unmetered])
def meter(request: pytest.FixtureRequest) -> Meter:
    """Return each implementation in turn."""
    made = request.param
    return made(("in",)) if made is PrometheusMeter else made()


def measure(meter: Meter) -> None:
    """Take every kind of measurement, with the oddest names there may be."""
    for stage in STAGES.values():
        meter.stage(stage, 0.01)
    meter.remote('a"\n\\', "ok", 0.0)
    meter.result("in", "failed", "pdf.encrypted")
    meter.certificate("a", datetime(2030, 1, 1, tzinfo=UTC))


def test_takes_everything_from_any_thread(meter: Meter) -> None:
    """No measurement raises, whoever takes it."""
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(50):
                measure(meter)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    if isinstance(meter, PrometheusMeter):
        text = generate_latest(meter.registry).decode()
        counted = 'sealgate_results_total{code="pdf.encrypted",inbox="in",outcome="failed"} 200.0'
        assert counted in text
        assert meter.ends() == {"a": datetime(2030, 1, 1, tzinfo=UTC)}
