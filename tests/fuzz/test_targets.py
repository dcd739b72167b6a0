"""Whatever bytes come, each edge that parses them ends in time, and in no error but ours.

Coverage-guided runs are made by `python -m bench.fuzz`; what they find is kept in `corpus/`.
"""

from __future__ import annotations

import pytest

from tests.fuzz.mutating import mutations
from tests.fuzz.target import CORPUS, Target, judged
from tests.fuzz.targets import TARGETS

_LARGEST_CORPUS = 500_000
"""Bytes."""
_KEPT = [(target, name, data) for target in TARGETS for name, data in target.kept()]


@pytest.mark.parametrize(
    ("target", "data"),
    [(target, data) for target, _, data in _KEPT],
    ids=[f"{target.name}-{name}" for target, name, _ in _KEPT],
)
def test_kept_inputs(target: Target, data: bytes) -> None:
    """What was wrong once, or leads far into the code, is taken as it should be."""
    assert judged(target, data) is None


@pytest.mark.parametrize("target", TARGETS, ids=[target.name for target in TARGETS])
def test_changed_inputs(target: Target) -> None:
    """Hundreds of inputs, each a seed with small changes, are taken as they should be."""
    for data in (*target.seeds(), *mutations(target, target.tries)):
        found = judged(target, data)
        assert found is None, f"{found.told}\n{data[:2000]!r}"


def test_corpus_is_small_and_belongs_to_targets() -> None:
    """Kept inputs stay few, and none is for a target that is no more."""
    files = [path for path in CORPUS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < _LARGEST_CORPUS
    assert {path.parent.name for path in files} <= {target.name for target in TARGETS}
