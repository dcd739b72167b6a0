"""The sandbox's certificates, TSA, OCSP and CRL, all by certomancer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asn1crypto import pem
from certomancer.integrations.animator import Animator, AnimatorArchStore
from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig, PKIArchitecture

ORGANISATION = "Sealgate Sandbox"
"""In every certificate, so that a production site knows them and refuses them."""

NAME = "sandbox"
"""Of the architecture; the first part of the paths it is served under."""

_FROM, _TO = "2020-01-01T00:00:00+0000", "2060-01-01T00:00:00+0000"


@dataclass(frozen=True)
class Entity:
    """Somebody with a key."""

    common_name: str
    elliptic: bool = False


ENTITIES = {
    "root": Entity("Sandbox Root CA"),
    "issuing": Entity("Sandbox Issuing CA"),
    "ocsp": Entity("Sandbox OCSP Responder"),
    "tsa": Entity("Sandbox Time-Stamp Authority"),
    "sandbox-seal": Entity("Sandbox Company Seal"),
    "sandbox-seal-ec": Entity("Sandbox Company Seal (EC)", elliptic=True),
}
"""Keys by name; those that begin with `sandbox-seal` are signing credentials."""

CREDENTIALS = tuple(name for name in ENTITIES if name.startswith("sandbox-seal"))


class Architecture:
    """The sandbox's PKI, with the WSGI application that serves it."""

    def __init__(self, built: PKIArchitecture) -> None:
        self._built = built

    def chain(self, name: str) -> tuple[bytes, ...]:
        """Return the DER certificates from `name` up to the root."""
        return tuple(self._built.get_cert(CertLabel(n)).dump() for n in (name, "issuing", "root"))

    def certificate_pem(self, name: str) -> bytes:
        """Return one certificate in PEM."""
        armoured: bytes = pem.armor("CERTIFICATE", self._built.get_cert(CertLabel(name)).dump())
        return armoured

    def application(self) -> Callable[..., Any]:
        """Return the WSGI application of TSA, OCSP, CRLs and certificates."""
        store = AnimatorArchStore({ArchLabel(NAME): self._built})
        animator: Callable[..., Any] = Animator(store, with_web_ui=False, allow_time_override=False)
        return animator


def architecture(folder: Path) -> Architecture:
    """Build the PKI from the keys in `folder`; the same keys give the same certificates."""
    port = (folder / "port").read_text()
    config = CertomancerConfig(_configuration(port), key_search_dir=str(folder))
    return Architecture(config.get_pki_arch(ArchLabel(NAME)))


def _configuration(port: str) -> dict[str, Any]:
    keys = {name: {"path": f"{name}.key.pem"} for name in ENTITIES}
    return {
        "external-url-prefix": f"http://127.0.0.1:{port}",
        "keysets": {NAME: {"path-prefix": ".", "keys": keys}},
        "pki-architectures": {
            NAME: {
                "keyset": NAME,
                "entity-defaults": {"organization-name": ORGANISATION, "country-name": "XX"},
                "entities": {
                    name: {"common-name": entity.common_name} for name, entity in ENTITIES.items()
                },
                "certs": _certificates(),
                "services": _services(),
            }
        },
    }


def _certificate(issuer: str, serial: int, **more: Any) -> dict[str, Any]:
    validity = {"valid-from": _FROM, "valid-to": _TO}
    return {"issuer": issuer, "serial": serial, "validity": validity, **more}


def _certificates() -> dict[str, Any]:
    root = {"crl-repo": "root"}
    issuing = {"max-path-len": 0, "crl-repo": "issuing", "ocsp-service": "issuing"}
    stamping = [
        _extension("key_usage", "key-usage", ["digital_signature"]),
        {"id": "extended_key_usage", "critical": True, "value": ["time_stamping"]},
        _extension("crl_distribution_points", "crl-dist-url", {"crl-repo-names": ["root"]}, False),
    ]
    seals = {
        name: _certificate("issuing", 100 + number, profiles=["digsig-commitment"])
        for number, name in enumerate(CREDENTIALS)
    }
    return {
        "root": _certificate("root", 1, profiles=[{"id": "simple-ca", "params": root}]),
        "issuing": _certificate("root", 2, profiles=[{"id": "simple-ca", "params": issuing}]),
        "ocsp": _certificate("issuing", 3, profiles=["ocsp-responder"]),
        "tsa": _certificate("root", 4, extensions=stamping),
        **seals,
    }


def _extension(name: str, schema: str, value: Any, critical: bool = True) -> dict[str, Any]:
    return {"id": name, "critical": critical, "smart-value": {"schema": schema, "params": value}}


def _services() -> dict[str, Any]:
    return {
        "ocsp": {
            "issuing": {"for-issuer": "issuing", "responder-cert": "ocsp", "signing-key": "ocsp"}
        },
        "crl-repo": {
            name: {
                "for-issuer": name,
                "signing-key": name,
                "simulated-update-schedule": "P30D",
            }
            for name in ("root", "issuing")
        },
        "cert-repo": {
            name: {"for-issuer": name, "publish-issued-certs": True} for name in ("root", "issuing")
        },
        "time-stamping": {"tsa": {"signing-key": "tsa", "signing-cert": "tsa"}},
    }
