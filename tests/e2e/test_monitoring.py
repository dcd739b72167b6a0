"""Being watched: the real daemon, asked over HTTP while documents pass and a service is held."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite, wait_for
from tests.notices.receiving import free_port

_SUFFIXES = ("_bucket", "_count", "_sum", "_created")
MONITORING = Path(__file__).parents[2] / "docs" / "monitoring"


def ask(port: int, path: str) -> tuple[int, str]:
    """Return status and text of an answer; 0 when nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()
    except OSError:
        return 0, ""


def watched(site: TestSite) -> int:
    """Let the site answer monitoring, and return the port."""
    port = free_port()
    text = f'\nmonitoring: {{listen: "127.0.0.1:{port}"}}\n'
    site.edit("gateway.yaml", lambda before: before + text)
    return port


def samples(port: int, name: str, **labels: str) -> list[float]:
    """Return the values of one metric, as a parser that is not ours reads them."""
    families = text_string_to_metric_families(ask(port, "/metrics")[1])
    return [
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]


def judged_by_prometheus(metrics: str) -> None:
    """Let Prometheus's own tool look for faults in the metrics."""
    done = subprocess.run(
        ("promtool", "check", "metrics"), input=metrics, capture_output=True, text=True, check=False
    )
    # People think of the end of certificates in days.
    known = 'sealgate_certificate_days_left use base unit "seconds" instead of "days"'
    complaints = (done.stdout + done.stderr).splitlines()
    assert [one for one in complaints if one != known] == []
    assert done.returncode in (0, 3)


def expressions() -> list[str]:
    """Return what dashboard and alert rules ask Prometheus."""
    dashboard = json.loads((MONITORING / "sealgate-dashboard.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    rules = yaml.safe_load((MONITORING / "alerts.yml").read_text())
    return asked + [rule["expr"] for group in rules["groups"] for rule in group["rules"]]


def named_by_dashboard_and_alerts() -> set[str]:
    """Return the metrics that dashboard and alert rules ask for."""
    dashboard = json.loads((MONITORING / "sealgate-dashboard.json").read_text())
    asked = [one["definition"] for one in dashboard["templating"]["list"] if "definition" in one]
    asked += expressions()
    return {name for one in asked for name in re.findall(r"\bsealgate_\w+", one)}


@contextmanager
def prometheus(folder: Path, scraped: int) -> Iterator[int]:
    """Run Prometheus with our alert rules and the manual's job; yield its port."""
    port = free_port()
    (job,) = re.findall(
        r"```yaml\n(scrape_configs:.*?)```",
        (MONITORING.parent / "monitoring.md").read_text(),
        re.DOTALL,
    )
    settings = f"global: {{scrape_interval: 1s}}\nrule_files: [{MONITORING / 'alerts.yml'}]\n"
    (folder / "prometheus.yml").write_text(settings + job.replace("9464", str(scraped)))
    command = (
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'series'}",
        f"--web.listen-address=127.0.0.1:{port}",
    )
    with (folder / "words").open("wb") as words:
        server = subprocess.Popen(command, stdout=words, stderr=words)
    try:
        wait_for("Prometheus", lambda: ask(port, "/-/ready")[0] == 200)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def found(port: int, expression: str) -> list[dict[str, object]]:
    """Return the vector that Prometheus finds for an expression without error or warning."""
    query = urllib.parse.urlencode({"query": expression})
    status, text = ask(port, f"/api/v1/query?{query}")
    answer = json.loads(text)
    assert (status, answer["status"]) == (200, "success"), (expression, text)
    assert not answer.get("warnings"), (expression, text)
    assert answer["data"]["resultType"] == "vector", expression
    result: list[dict[str, object]] = answer["data"]["result"]
    return result


def served(metrics: str) -> set[str]:
    """Return the names of all metrics there are, also of those that have no value now."""
    families = tuple(text_string_to_metric_families(metrics))
    gauges = {family.name for family in families if family.type == "gauge"}
    return gauges | {sample.name for family in families for sample in family.samples}


def test_alerts_are_rules_of_prometheus() -> None:
    """Prometheus's own tool accepts the alert rules."""
    done = subprocess.run(
        ("promtool", "check", "rules", str(MONITORING / "alerts.yml")),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def lost(before: object, after: object, where: str = "") -> list[str]:
    """Return the places of what is in the first JSON value and not the same in the second."""
    if isinstance(before, dict) and isinstance(after, dict):
        gone = [f"{where}/{key}" for key in before.keys() - after.keys()]
        both = [(before[key], after[key], f"{where}/{key}") for key in before.keys() & after.keys()]
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        gone = []
        pairs = zip(before, after, strict=True)
        both = [(one, other, f"{where}/{index}") for index, (one, other) in enumerate(pairs)]
    else:
        return [] if before == after else [where]
    return sorted(gone + [place for each in both for place in lost(*each)])


def test_dashboard_is_one_in_the_model_of_grafana() -> None:
    """Grafana's own model reads the dashboard and loses nothing that counts."""
    register_default_plugins()
    written = json.loads((MONITORING / "sealgate-dashboard.json").read_text())

    def again(dashboard: dict[str, object]) -> object:
        return json.loads(JSONEncoder().encode(Dashboard.from_json(dashboard)))

    # Grafana's own exports have this repetition of a variable's query; the model leaves it out.
    known = [f"/templating/list/{index}/definition" for index in (1, 2)]
    assert lost(written, again(written)) == known
    written["panels"][0]["targets"][0]["exprr"] = "up"
    assert lost(written, again(written)) == ["/panels/0/targets/0/exprr", *known]


def test_dashboard_and_alerts_are_answered_by_prometheus(site: TestSite, tmp_path: Path) -> None:
    """Prometheus scrapes the daemon and answers all that the panels and the alert rules ask."""
    port = watched(site)
    with site.daemon(), prometheus(tmp_path, port) as asked:
        # What is counted must grow between two scrapes, or its rate is nothing.
        wait_for("a scrape", lambda: found(asked, "count_over_time(sealgate_build_info[1m]) > 1"))
        site.drop(write_pdf(tmp_path / "one.pdf"))
        rate = 'rate(sealgate_results_total{outcome="delivered"}[1m]) > 0'
        wait_for("a result", lambda: found(asked, rate))
        # A stage is counted from its first document on, so only the next one lets it grow.
        site.drop(write_pdf(tmp_path / "two.pdf", ("two",)))
        stages = "rate(sealgate_stage_seconds_count[1m]) > 0"
        wait_for("the stages of another", lambda: found(asked, stages))
        silent = set()
        for expression in expressions():
            filled = re.sub(r"\$(job|instance)\b", ".*", expression)
            assert "$" not in filled
            if not found(asked, filled):
                silent.add(expression)
        alerts = yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"]
        conditions = {rule["expr"]: rule["alert"] for group in alerts for rule in group["rules"]}
        # Nothing failed, nothing is held, and the sandbox counts no quota; all else has a value.
        empty = ('outcome="failed"', 'outcome!="ok"', "sealgate_held{", "sealgate_quota_left{")
        panels = [one for one in silent if one not in conditions]
        assert [one for one in panels if not any(part in one for part in empty)] == []
        assert "SealgateDown" in {conditions[one] for one in silent if one in conditions}


def test_watched_while_documents_pass_and_a_service_is_held(site: TestSite, tmp_path: Path) -> None:
    """Metrics count results, calls and stages; a held service shows, and leaves the site ready."""
    port = watched(site)
    with site.daemon():
        wait_for("an answer", lambda: ask(port, "/healthz")[0] == 200)
        assert samples(port, "sealgate_results_total", outcome="delivered") == [0.0]
        site.drop(write_pdf(tmp_path / "hostile-name.pdf"))
        (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7\nnothing of the kind\n%%EOF\n")
        site.drop(tmp_path / "bad.pdf")
        delivered, failed = {"outcome": "delivered"}, {"outcome": "failed"}
        wait_for("a result", lambda: samples(port, "sealgate_results_total", **delivered) == [1.0])
        wait_for("a failure", lambda: samples(port, "sealgate_results_total", **failed) == [1.0])
        assert samples(port, "sealgate_stage_seconds_count", stage="deliver") == [1.0]
        calls = {"service": "sandbox", "outcome": "ok"}
        assert samples(port, "sealgate_remote_seconds_count", **calls) == [1.0]
        days = samples(port, "sealgate_certificate_days_left", service="sandbox")
        assert len(days) == 1
        assert days[0] > 1
        site.tell(method="signatures/signHash", kind="503", times=1000)
        site.drop(write_pdf(tmp_path / "held.pdf"))
        wait_for("a hold", lambda: samples(port, "sealgate_held", subject="service:sandbox") == [1])
        status, text = ask(port, "/readyz")
        assert status == 200
        assert json.loads(text)["held"][0]["subject"] == "service:sandbox"
        assert samples(port, "sealgate_oldest_waiting_seconds", inbox="documents")[0] > 0
        assert sum(samples(port, "sealgate_jobs", inbox="documents")) == 1
        metrics = ask(port, "/metrics")[1]
        assert not re.search(r"hostile-name|bad\.pdf|held\.pdf", metrics)
        judged_by_prometheus(metrics)
        assert named_by_dashboard_and_alerts() <= served(metrics)
        documented = re.findall(
            r"`(sealgate_\w+)`", (MONITORING.parent / "monitoring.md").read_text()
        )
        assert {name for name in served(metrics) if not name.endswith(_SUFFIXES)} <= {*documented}
        assert ask(port, "/etc/passwd")[0] == 404
        site.forget_faults()
        wait_for("the end of the hold", lambda: not samples(port, "sealgate_held"))
        wait_for("a result", lambda: samples(port, "sealgate_results_total", **delivered) == [2.0])


def test_site_held_is_not_ready(site: TestSite, tmp_path: Path) -> None:
    """/readyz answers 503 with code and remedy while the whole site is held."""
    port = watched(site)
    with site.daemon():
        wait_for("ready", lambda: ask(port, "/readyz")[0] == 200)
        shutil.rmtree(site.outbox)
        site.outbox.write_text("in the way")
        site.drop(write_pdf(tmp_path / "one.pdf"))
        wait_for("not ready", lambda: ask(port, "/readyz")[0] == 503)
        answer = json.loads(ask(port, "/readyz")[1])
        assert answer["ready"] is False
        assert answer["reasons"][0]["code"].startswith("site.")
        assert answer["reasons"][0]["remedy"]
        site.outbox.unlink()
        site.outbox.mkdir()
        wait_for("ready", lambda: ask(port, "/readyz")[0] == 200)


def test_taken_address_stops_the_start(site: TestSite) -> None:
    """A daemon that cannot listen where it was told to says so and ends."""
    port = watched(site)
    with socket.create_server(("127.0.0.1", port)):
        done = site.call("run", seconds=60)
    assert done.returncode == 2
    assert "monitoring.cannot-listen" in done.stderr
