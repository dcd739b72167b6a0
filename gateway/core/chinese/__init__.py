"""The Chinese sentences of every code that Sealgate has; details of a case stay as they are."""

from __future__ import annotations

from gateway.core.chinese.documents import DOCUMENTS
from gateway.core.chinese.flows import FLOWS
from gateway.core.chinese.people import PEOPLE
from gateway.core.chinese.seals import SEALS
from gateway.core.chinese.services import SERVICES
from gateway.core.chinese.sites import SITES

CHINESE: dict[str, tuple[str, str]] = DOCUMENTS | SEALS | SERVICES | PEOPLE | SITES | FLOWS
"""Code → what it means, what to do."""
