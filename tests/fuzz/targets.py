"""All targets."""

from __future__ import annotations

from tests.fuzz.api_targets import API_TARGETS
from tests.fuzz.artwork_targets import ARTWORK_TARGETS
from tests.fuzz.pdf_targets import PDF_TARGETS
from tests.fuzz.people_targets import PEOPLE_TARGETS
from tests.fuzz.record_targets import RECORD_TARGETS
from tests.fuzz.remote_targets import REMOTE_TARGETS
from tests.fuzz.service_targets import SERVICE_TARGETS
from tests.fuzz.settings_targets import SETTINGS_TARGETS
from tests.fuzz.target import Target

TARGETS: tuple[Target, ...] = (
    *SERVICE_TARGETS,
    *REMOTE_TARGETS,
    *PEOPLE_TARGETS,
    *API_TARGETS,
    *RECORD_TARGETS,
    *SETTINGS_TARGETS,
    *ARTWORK_TARGETS,
    *PDF_TARGETS,
)
