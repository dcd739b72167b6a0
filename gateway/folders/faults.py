"""Faults of the site, named after the path that a person should look at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.core.system_faults import site_fault


@contextmanager
def as_site_fault(where: Path | str) -> Iterator[None]:
    """Raise every `OSError` of the block as a `SiteFault` that names `where`."""
    try:
        yield
    except OSError as error:
        raise site_fault(error, where) from error
