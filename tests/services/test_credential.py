"""Which credentials may be used, and how: judged before anything is spent."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.core.errors import ServiceFault
from gateway.core.services import CscSettings
from gateway.core.site import SANDBOX_ORGANISATION
from gateway.services.csc_answers import CredentialInfo
from gateway.services.csc_credential import UsableCredential, usable

NOW = datetime(2026, 11, 24, tzinfo=UTC)
RSA = rsa.generate_private_key(65537, 2048)
P256, P384 = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP384R1())
P521 = ec.generate_private_key(ec.SECP521R1())

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def certificate(key: Key, owner: str = "Example Ltd", issuer: str = "Example CA") -> str:
    """Return a certificate that is valid for a day around NOW, in Base64."""
    names = [
        x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, name)])
        for name in (owner, issuer)
    ]
    made = (
        x509.CertificateBuilder()
        .subject_name(names[0])
        .issuer_name(names[1])
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .sign(RSA, hashes.SHA256())
    )
    return base64.encodebytes(made.public_bytes(Encoding.DER)).decode()


def judged(
    key: Key = RSA,
    algo: tuple[str, ...] = ("1.2.840.113549.1.1.11",),
    now: datetime = NOW,
    **changes: object,
) -> UsableCredential:
    """Judge what a service says of a credential."""
    told: dict[str, object] = {
        "key": {"status": "enabled", "algo": algo},
        "cert": {"status": "valid", "certificates": [certificate(key)]},
        "multisign": 5,
    }
    settings = CscSettings("https://sign.test/csc/v2")
    return usable(
        "c",
        CredentialInfo.model_validate(told | changes),
        now,
        sandbox_allowed=False,
        settings=settings,
    )


def refusal_of(**changes: object) -> ServiceFault:
    """Return the fault of a credential that may not be used."""
    with pytest.raises(ServiceFault) as failed:
        judged(**changes)  # type: ignore[arg-type]
    return failed.value


@pytest.mark.parametrize(
    ("key", "offered", "chosen", "digest"),
    [
        (RSA, ("1.2.840.113549.1.1.1",), "1.2.840.113549.1.1.1", "sha256"),
        (RSA, ("1.2.840.113549.1.1.1", "1.2.840.113549.1.1.11"), "1.2.840.113549.1.1.11", "sha256"),
        (
            RSA,
            ("1.2.840.113549.1.1.10", "1.2.840.113549.1.1.13"),
            "1.2.840.113549.1.1.13",
            "sha512",
        ),
        (P256, ("1.2.840.10045.4.3.3", "1.2.840.10045.4.3.2"), "1.2.840.10045.4.3.2", "sha256"),
        (P256, ("1.2.840.10045.4.3.3",), "1.2.840.10045.4.3.3", "sha384"),
        (P384, ("1.2.840.10045.2.1",), "1.2.840.10045.2.1", "sha384"),
        (P521, ("1.2.840.10045.4.3.4",), "1.2.840.10045.4.3.4", "sha512"),
    ],
)
def test_algorithms(key: Key, offered: tuple[str, ...], chosen: str, digest: str) -> None:
    """The digest fits the key, and the algorithm is one the service lists."""
    found = judged(key, offered)
    assert (found.chosen.oid, found.credential.digest_algorithm) == (chosen, digest)
    kind = "rsassa_pkcs1v15" if key is RSA else "ecdsa"
    assert (found.credential.signature_algorithm, found.credential.batch) == (kind, 5)


def test_pss_where_nothing_else_is_offered() -> None:
    """A credential that only does PSS is asked for it, with its parameters."""
    found = judged(RSA, ("1.2.840.113549.1.1.10",))
    assert (found.chosen.oid, found.chosen.signature) == ("1.2.840.113549.1.1.10", "rsassa_pss")
    assert found.chosen.parameters


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"algo": ("1.2.840.113549.1.1.5",)}, "1.2.840.113549.1.1.5"),  # SHA-1
        ({"algo": ()}, "none"),
        ({"now": NOW + timedelta(days=2)}, "expired on 2026-11-25"),
        ({"now": NOW - timedelta(days=2)}, "valid from 2026-11-23"),
        ({"key": ed25519.Ed25519PrivateKey.generate()}, "neither RSA nor ECDSA"),
        ({"auth": {"mode": "oauth2code"}}, "oauth2code"),
        ({"cert": {"status": "revoked", "certificates": ["AA=="]}}, "certificate revoked"),
    ],
)
def test_unusable(changes: dict[str, object], word: str) -> None:
    """A credential that cannot sign for us is refused with the reason."""
    fault = refusal_of(**changes)
    assert fault.code == "service.credential-unusable"
    assert word in fault.detail


def test_disabled_key() -> None:
    """A disabled key is refused even when its certificate is valid."""
    with pytest.raises(ServiceFault) as failed:
        usable(
            "c",
            CredentialInfo.model_validate({"key": {"status": "disabled", "algo": []}, "cert": {}}),
            NOW,
            sandbox_allowed=False,
            settings=CscSettings(""),
        )
    assert failed.value.code == "service.credential-unusable"


@pytest.mark.parametrize("certificates", [[], ["?"], ["AAAA"], [""]])
def test_no_certificate(certificates: list[str]) -> None:
    """A certificate that cannot be read is the protocol's fault, not a crash."""
    fault = refusal_of(cert={"certificates": certificates})
    assert fault.code == "service.protocol"


@pytest.mark.parametrize("position", ["owner", "issuer"])
def test_sandbox_is_known_by_its_names(position: str) -> None:
    """A certificate of the sandbox is refused whether it is the owner's or the issuer's name."""
    names = {position: SANDBOX_ORGANISATION}
    fault = refusal_of(cert={"certificates": [certificate(RSA, **names)]})
    assert fault.code == "service.sandbox-credential"
