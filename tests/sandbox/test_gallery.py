"""The gallery of seals."""

from __future__ import annotations

import pytest

from gateway.sandbox.gallery_seals import VALUES, Exhibit, exhibits
from gateway.seals.artist import DesignArtist
from gateway.seals.design_models import AnyDesign, Design

_ALL = exhibits()


@pytest.mark.parametrize("exhibit", _ALL, ids=[exhibit.name for exhibit in _ALL])
def test_every_seal_of_the_gallery_draws(exhibit: Exhibit) -> None:
    """What the gallery shows can be drawn with its values."""
    assert DesignArtist().draw(exhibit.design, VALUES).marks


def test_the_gallery_shows_every_kind() -> None:
    """No kind of seal is left out, and no picture hides another."""
    kinds = {type(Design.model_validate_json(exhibit.design).root) for exhibit in _ALL}
    assert kinds == set(AnyDesign.__args__)
    assert len({exhibit.name for exhibit in _ALL}) == len(_ALL)
