"""The benchmarks: their documents are real ones, and what they find is told as it is."""

from __future__ import annotations

import argparse
import importlib
import os
import socket
from pathlib import Path

import pytest

from bench import floors, page
from bench.__main__ import NAMES
from bench.corpus import KINDS, ONE_PAGE, Copies, Kind, document
from bench.crowded import crowded
from bench.full_ledger import fill
from bench.measuring import PeakMemory, Took, percentile
from bench.outcome import Goal, Outcome, Table
from bench.racing import Length, Runner, race, ratio
from bench.sealing import Sealgate
from tests.e2e.programs import said


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_tells_how_it_is_used(name: str) -> None:
    """Every option is in the usage that the module begins with, and a short run needs no other."""
    module = importlib.import_module(f"bench.{name}")
    parser: argparse.ArgumentParser = module.parser()
    assert parser.parse_args(["--small"]).small
    options = {option for action in parser._actions for option in action.option_strings}
    unsaid = {one for one in options - {"-h", "--help"} if one not in module.__doc__}
    assert not unsaid
    assert callable(module.measure)


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_documents_are_as_large_as_they_say(tmp_path: Path, kind: Kind) -> None:
    """They are whole PDFs of so many pages, the same each time, and no two copies are alike."""
    first, second = Copies(tmp_path, kind).take(2)
    assert "No syntax or stream encoding errors" in said("qpdf", "--check", first)
    assert int(said("qpdf", "--show-npages", first)) == kind.pages
    assert first.read_bytes() != second.read_bytes()
    assert document(kind) == document(kind)
    assert 0.8 < first.stat().st_size / (kind.pages * 30_000) < 1.1


def test_a_crowded_document_is_a_good_one(tmp_path: Path) -> None:
    """Its cross-reference stream leads other programs to every object."""
    path = tmp_path / "crowded.pdf"
    path.write_bytes(crowded(2000))
    assert "No syntax or stream encoding errors" in said("qpdf", "--check", path)
    assert said("qpdf", "--show-xref", path).count("compressed;") >= 2000


def test_the_floors_copy(tmp_path: Path) -> None:
    """Both copy every file whole, and take some time."""
    files = Copies(tmp_path / "corpus", ONE_PAGE).take(3)
    for number, floor in enumerate((floors.copied, floors.by_shell)):
        assert floor(files, tmp_path / str(number)).seconds > 0
        copies = sorted((tmp_path / str(number)).iterdir())
        assert [one.read_bytes() for one in copies] == [one.read_bytes() for one in files]


def test_a_race_is_run_in_turn(tmp_path: Path) -> None:
    """Everybody has as many rounds, with documents of his own, and ratios are those of rounds."""
    seen: list[tuple[str, str]] = []

    def runner(name: str, seconds: float) -> Runner:
        def run(files: list[Path], out: Path) -> Took:
            seen.extend((name, path.name) for path in files)
            return Took(seconds * len(files), 0.001 * len(files))

        return Runner(name, run)

    fast, slow = runner("fast", 0.1), runner("slow", 0.4)
    race([fast, slow], Copies(tmp_path / "corpus", ONE_PAGE), tmp_path, Length(2, 0.8))
    assert ratio(fast, slow) == pytest.approx(4)
    assert slow.cost == pytest.approx(1)
    assert len({name for _, name in seen}) == len(seen)
    assert [name for name, _ in seen][4:] == (["fast"] * 8 + ["slow"] * 2) * 2


def test_goals_say_by_how_much() -> None:
    """A goal that was missed says by what factor, whichever way it lies."""
    assert (
        Goal("a", 0.25, 0.08).line().endswith("reached 0.080: NOT met, short by a factor of 3.12")
    )
    assert Goal("b", 2, 5, "s", at_most=True).line().endswith("NOT met, short by a factor of 2.50")
    assert Goal("c", 2, 1.5, at_most=True).line().endswith("reached 1.50: met")
    assert percentile(range(100), 0.99) == 99


def test_the_page_names_no_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has every figure and goal, raw values lie beside it, and neither says whose they are."""
    monkeypatch.setattr(page, "RESULTS", tmp_path / "RESULTS.md")
    monkeypatch.setattr(page, "RAW", tmp_path / "results.json")
    table = Table("speed", ("", "documents/s"), (("Sealgate", "12.0"),))
    outcome = Outcome("one", "One", [table], [Goal("speed", 10, 12.0)], raw={"Sealgate": [12.0]})
    page.write([outcome], page.machine(tmp_path), (0.0, 1.5))
    text = (tmp_path / "RESULTS.md").read_text()
    assert "| Sealgate |        12.0 |" in text
    assert "1 of 1 goals are met" in text
    assert "speed: goal ≥ 10.0, reached 12.0: met" in text
    raw = (tmp_path / "results.json").read_text()
    for private in (socket.gethostname(), str(tmp_path), str(Path.cwd())):
        assert private not in text + raw


def test_sealgate_is_measured_as_it_runs(tmp_path: Path) -> None:
    """Documents go through a real daemon; its ledger, filled up, is whole and is searched."""
    copies = Copies(tmp_path / "corpus", ONE_PAGE)
    with Sealgate(tmp_path / "site") as ours:
        with PeakMemory(os.getpid()) as watched:
            assert ours.seal(copies.take(2)).processor > 0
        assert ours.archived() == 2
        assert watched.of[ours.process] > 10
    assert not ours.site.delivered()
    fill(ours.site.state / "ledger.sqlite", jobs=50, entries=200)
    verified = ours.site.call("log", "verify")
    assert verified.returncode == 0, verified.stdout
    assert len(ours.site.json("log", "search", "invoice-0000049")) == 11  # type: ignore[arg-type]
