"""What may stand in a service of `type: pkcs11`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.settings.http_service_models import AlgorithmPart
from gateway.settings.service_models import MeteredPart, SecretReference
from gateway.settings.written import PathText, Text


class Pkcs11Part(MeteredPart):
    """A key in a token or HSM on this machine or in its network."""

    type: Literal["pkcs11"]
    """pkcs11: a token or HSM, by the PKCS#11 module of its maker."""
    module: PathText
    """The module, such as /usr/lib/softhsm/libsofthsm2.so."""
    token: Text = ""
    """The token's label; the only token when not given."""
    key: Text = ""
    """The key's label, and its certificate's."""
    key_id: Annotated[Text, Field(pattern=r"^([0-9A-Fa-f]{2})*$")] = ""
    """The key's id in hex, where labels do not tell keys apart."""
    certificates: PathText | None = None
    """PEM of the chain, signer first; taken from the token when not given."""
    pin: SecretReference
    """The user PIN."""
    algorithm: AlgorithmPart = AlgorithmPart()
    """How it signs."""
