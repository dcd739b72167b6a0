"""Documents in the console: dropped, sealed, told of, retried, seen by whom they concern."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from gateway.cli.site import opened
from gateway.console.app import make_app
from gateway.core.names import display
from gateway.core.states import State
from gateway.wiring import Site
from tests.console.browser import Browser, text_of
from tests.e2e.site import TestSite

NASTY = "<img src=x onerror=alert(1)>&\"'.pdf"


@pytest.fixture(scope="module")
def sealed(folder: TestSite, site: Site) -> Iterator[dict[str, str]]:
    """Seal one document, and let one fail, both with names that try to be markup."""
    sample = _sample(folder)
    (folder.inbox / NASTY).write_bytes(sample)
    (folder.inbox / ("bad" + NASTY)).write_bytes(b"%PDF-1.4\n" + b"rubbish" * 100 + b"\n%%EOF\n")
    done = folder.call("sweep")
    assert done.returncode == 1, done.stderr
    jobs = site.equipment.jobs
    (good,), (bad,) = jobs.find((State.ARCHIVED,)), jobs.find((State.FAILED,))
    return {"good": good.id, "bad": bad.id}


def _sample(folder: TestSite) -> bytes:
    from gateway.sandbox.samples import write_samples

    samples = folder.root / "samples"
    if not samples.is_dir():
        samples.mkdir()
        write_samples(samples)
    return min(samples.glob("*.pdf"), key=lambda one: one.stat().st_size).read_bytes()


def test_a_document_tells_its_whole_story(
    sealed: dict[str, str], logged_in: Callable[[str], Browser]
) -> None:
    """Rule, signatures, pages before and after, log and files of a sealed document are there."""
    browser = logged_in("auditor")
    path = f"/work/jobs/{sealed['good']}"
    page = browser.get(path)
    words = text_of(page)
    assert "every condition holds" in words
    assert "valid and trusted" in words
    assert "result.delivered" in words
    for what in ("original", "result"):
        picture = browser.get(f"{path}/pages/{what}/1.png")
        assert picture.content.startswith(b"\x89PNG")
    assert browser.get(f"{path}/files/result").content.startswith(b"%PDF-")
    receipt = browser.get(f"{path}/files/receipt")
    assert json.loads(receipt.content)["job"] == sealed["good"]
    assert receipt.headers["content-disposition"].startswith("attachment")


def test_names_of_files_are_no_markup(
    sealed: dict[str, str], logged_in: Callable[[str], Browser]
) -> None:
    """A file name with a tag in it is shown as text on every page that shows it."""
    browser = logged_in("operator")
    paths = ("/work", f"/work/jobs/{sealed['good']}", f"/work/jobs/{sealed['bad']}")
    for path in paths:
        page = browser.get(path)
        assert "<img src=x" not in page.text, path
        assert display(NASTY) in text_of(page), path


def test_a_failed_document_says_what_helps_and_is_retried(
    sealed: dict[str, str], logged_in: Callable[[str], Browser], site: Site
) -> None:
    """The reason and the remedy stand there, and only who works on documents can retry."""
    path = f"/work/jobs/{sealed['bad']}"
    assert logged_in("auditor").post(f"{path}/retry").status_code == 403
    browser = logged_in("operator")
    assert "Retry" in text_of(browser.get(path))
    assert browser.post(f"{path}/retry").headers["location"] == f"{path}?said=retried"
    job = site.equipment.jobs.get(sealed["bad"])
    assert job is not None
    assert job.state is State.CLAIMED


@pytest.mark.parametrize(
    "path",
    [
        "/work/jobs/{job}/files/..%2f..%2fgateway.yaml",
        "/work/jobs/{job}/pages/original/0.png",
        "/work/jobs/..%2f..%2fetc/files/result",
        "/work/jobs/{job}/pages/..%2fx/1.png",
        "/assets/..%2f..%2f..%2fwiring.py",
        "/assets/%2e%2e%2fapp.py",
        "/work/jobs/%00/files/result",
    ],
)
def test_no_path_leads_out(
    sealed: dict[str, str], logged_in: Callable[[str], Browser], path: str
) -> None:
    """Whatever stands in the place of a name, no other file is read."""
    told = logged_in("operator").get(path.format(job=sealed["good"]))
    assert told.status_code in (400, 404)


def test_a_dropped_document_waits_in_the_inbox_under_a_plain_name(
    logged_in: Callable[[str], Browser], folder: TestSite
) -> None:
    """A document handed over lies in the inbox whole, over nothing, and nothing else is left."""
    browser = logged_in("submitter")
    sample, before = _sample(folder), _names(folder.inbox)
    for name in ("../../evil.pdf", "evil.pdf"):
        files = {"file": (name, sample, "application/pdf")}
        told = browser.post("/work/drop/documents", files=files)
        assert told.status_code == 200, told.text
    fresh = _names(folder.inbox) - before
    assert len(fresh) == 2
    assert all(name.startswith("evil") for name in fresh)
    for name in fresh:
        assert (folder.inbox / name).read_bytes() == sample


def test_what_is_no_pdf_is_refused_at_once(
    logged_in: Callable[[str], Browser], folder: TestSite
) -> None:
    """Something else than a PDF gets a clear answer, and leaves nothing in the inbox."""
    before = _names(folder.inbox)
    files = {"file": ("page.pdf", b"<html>", "application/pdf")}
    told = logged_in("submitter").post("/work/drop/documents", files=files)
    assert "not a PDF" in text_of(told)
    assert _names(folder.inbox) == before


def test_somebody_sees_only_what_he_dropped(
    sealed: dict[str, str], logged_in: Callable[[str], Browser], folder: TestSite, site: Site
) -> None:
    """A submitter sees his own document when it is sealed, and none of the others."""
    browser = logged_in("submitter")
    assert browser.get(f"/work/jobs/{sealed['good']}").status_code == 404
    files = {"file": ("own.pdf", _sample(folder) + b"\n", "application/pdf")}
    browser.post("/work/drop/documents", files=files)
    folder.call("sweep")
    done = site.equipment.jobs.find((State.ARCHIVED, State.FAILED))
    own = next(job for job in done if job.source == "own.pdf")
    assert own.person == "submitter"
    assert "own.pdf" in text_of(browser.get("/work"))
    assert browser.get(f"/work/jobs/{own.id}").status_code == 200
    assert NASTY not in text_of(browser.get("/work"))


def test_a_form_that_is_too_large_is_refused(logged_in: Callable[[str], Browser]) -> None:
    """A form cannot bring more than forms need, declared or not."""
    browser = logged_in("operator")
    assert browser.post("/work/release", {"subject": "x" * 300_000}).status_code == 413

    def pieces() -> Iterator[bytes]:
        for _ in range(40):
            yield b"subject=" + b"x" * 10_000 + b"&"

    told = browser.client.post(
        "/work/release",
        content=pieces(),
        headers={"content-type": "application/x-www-form-urlencoded", "x-csrf-token": browser.csrf},
    )
    assert told.status_code == 413


def _names(folder: Path) -> set[str]:
    return {one.name for one in folder.iterdir()}


def test_a_stopped_daemon_is_told_of(site: Site, logged_in: Callable[[str], Browser]) -> None:
    """Whoever looks at the work learns that nobody is sealing."""
    assert "the daemon does not run" not in text_of(logged_in("operator").get("/work"))
    cookie = logged_in("operator").client.cookies["sealgate"]
    url = site.loaded.settings.console.url
    client = TestClient(make_app(site, lambda: False), base_url=url, cookies={"sealgate": cookie})
    assert "the daemon does not run" in client.get("/work").text


def test_what_waits_for_a_manifest_is_said_to(
    folder: TestSite, site: Site, logged_in: Callable[[str], Browser]
) -> None:
    """A document that no manifest lists yet is among those that wait, with its reason."""
    assert site.loaded.settings.inboxes[0].batches is None
    alone = (folder.root / "gateway.yaml").read_text()
    document = folder.inbox / "listed-later.pdf"
    document.write_bytes(_sample(folder))
    folder.edit(
        "gateway.yaml", lambda text: text.replace("    settle:", "    batches: {}\n    settle:", 1)
    )
    with opened(folder.root) as awaiting:
        browser = Browser(awaiting)
        browser.client.cookies = logged_in("operator").client.cookies
        words = text_of(browser.get("/work"))
        assert f"{document.name} : waits for a manifest that lists it" in words
        assert "Nothing waits" not in words
        found = json.loads(folder.call("status", "--json").stdout)["inboxes"][0]
        assert found["waiting"] >= 1
    document.unlink()
    (folder.root / "gateway.yaml").write_text(alone)
