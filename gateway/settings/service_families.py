"""The families of digest services, told apart by `type`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.settings.http_service_models import DigestCmsPart, DigestRawPart
from gateway.settings.service_models import CscPart, LocalPart

ServicePart = Annotated[
    CscPart | LocalPart | DigestRawPart | DigestCmsPart, Field(discriminator="type")
]
