"""The sandbox's certificates, TSA, OCSP and CRL, all by certomancer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from asn1crypto import pem, tsp
from certomancer.integrations.animator import Animator, AnimatorArchStore
from certomancer.registry import (
    ArchLabel,
    CertLabel,
    CertomancerConfig,
    PKIArchitecture,
    ServiceLabel,
)
from werkzeug.exceptions import BadRequest

from gateway.core.site import SANDBOX_ORGANISATION
from gateway.sandbox import warm_keys
from gateway.sandbox.entities import CREDENTIALS, ENTITIES

NAME = "sandbox"
"""Of the architecture; the first part of the paths it is served under."""

_REVOCATION = {
    "revocation": {"revoked-since": "2021-01-01T00:00:00+0000", "reason": "key_compromise"}
}
_FROM, _TO = "2020-01-01T00:00:00+0000", "2060-01-01T00:00:00+0000"


class _WholeSeconds(Animator):
    """Certomancer's application, but DER has no fractions of seconds in its times."""

    def at_time(self, request: Any) -> datetime:
        """Return the time to answer for."""
        moment: datetime = super().at_time(request)  # type: ignore[no-untyped-call]
        return moment.replace(microsecond=0)


class Architecture:
    """The sandbox's PKI, with the WSGI application that serves it."""

    def __init__(self, built: PKIArchitecture) -> None:
        self._built = built
        self._lock = threading.Lock()

    def chain(self, name: str) -> tuple[bytes, ...]:
        """Return the DER certificates from `name` up to the root."""
        return tuple(self._built.get_cert(CertLabel(n)).dump() for n in (name, "issuing", "root"))

    def certificate_pem(self, name: str) -> bytes:
        """Return one certificate in PEM."""
        armoured: bytes = pem.armor("CERTIFICATE", self._built.get_cert(CertLabel(name)).dump())
        return armoured

    def time_stamp(self, request: bytes) -> bytes:
        """Return the DER response to a DER request (RFC 3161); `ValueError` if it is none."""
        with self._lock:
            try:
                asked = tsp.TimeStampReq.load(request, strict=True)
                authority = self._built.service_registry.summon_timestamper(ServiceLabel("tsa"))
                answer: bytes = authority.request_tsa_response(asked).dump()
            except (TypeError, KeyError) as error:
                raise ValueError("the request cannot be read") from error
        return answer

    def application(self) -> Callable[..., Any]:
        """Return the WSGI application of TSA, OCSP, CRLs and certificates."""
        store = AnimatorArchStore({ArchLabel(NAME): self._built})
        animator = _WholeSeconds(store, with_web_ui=False, allow_time_override=False)

        def serve(environ: dict[str, Any], start_response: Any) -> Any:
            # One at a time: certificates are built, and parsed, when they are first needed.
            with self._lock:
                try:
                    return animator(environ, start_response)
                except (ValueError, TypeError, KeyError):
                    return BadRequest("the request cannot be read")(environ, start_response)

        return serve


def architecture(folder: Path) -> Architecture:
    """Build the PKI from the keys in `folder`; the same keys give the same certificates."""
    warm_keys.install()
    port = (folder / "port").read_text()
    config = CertomancerConfig(_configuration(port, _revoked(folder)), key_search_dir=str(folder))
    return Architecture(config.get_pki_arch(ArchLabel(NAME)))


def _revoked(folder: Path) -> frozenset[str]:
    """Return whose certificates are revoked: names in the file `revoked`, read at the start."""
    path = folder / "revoked"
    return frozenset(path.read_text().split()) if path.exists() else frozenset()


def _configuration(port: str, revoked: frozenset[str]) -> dict[str, Any]:
    keys = {name: {"path": f"{name}.key.pem"} for name in ENTITIES}
    return {
        "external-url-prefix": f"http://127.0.0.1:{port}",
        "keysets": {NAME: {"path-prefix": ".", "keys": keys}},
        "pki-architectures": {
            NAME: {
                "keyset": NAME,
                # Every name says whose it is, so that a production site refuses the certificates.
                "entity-defaults": {
                    "organization-name": SANDBOX_ORGANISATION,
                    "country-name": "XX",
                },
                "entities": {
                    name: {"common-name": entity.common_name} for name, entity in ENTITIES.items()
                },
                "certs": {
                    name: certificate | (_REVOCATION if name in revoked else {})
                    for name, certificate in _certificates().items()
                },
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
