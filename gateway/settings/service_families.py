"""The families of digest services, told apart by `type`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.settings.http_service_models import DigestCmsPart, DigestRawPart
from gateway.settings.service_models import CscPart, LocalPart
from gateway.settings.token_models import Pkcs11Part

ServicePart = Annotated[
    CscPart | LocalPart | DigestRawPart | DigestCmsPart | Pkcs11Part, Field(discriminator="type")
]
