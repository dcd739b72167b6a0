"""AWS KMS by moto's server, which checks Signature Version 4; its gap is filled here.

moto 5.2 does not implement `MessageType: DIGEST`: it hashes whatever it is sent once more. The
real service signs a digest as it is (AWS KMS API reference, Sign), and refuses one of another
length. That much is put into moto for as long as a test runs.
"""

from __future__ import annotations

import contextvars
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

import boto3
import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from moto.kms import kms_backends
from moto.kms.exceptions import ValidationException
from moto.kms.responses import KmsResponse
from moto.kms.utils import ECDSAPrivateKey, RSAPrivateKey
from moto.server import ThreadedMotoServer

from tests.fakes.signer import TestSigner

_REGION = "eu-central-1"
_PREHASHED: contextvars.ContextVar[bool] = contextvars.ContextVar("prehashed", default=False)
_UNCHECKED = b"1000000"
_ALLOWED = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "kms:Sign", "Resource": "*"}],
}


@contextmanager
def aws_kms(kind: str, *, digest: bool = True) -> Iterator[tuple[str, TestSigner, str, str]]:
    """Yield address, signer, access key id and secret access key of one who may only sign."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    address = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
    try:
        with _digests_signed_as_they_are() if digest else _as_it_is():
            signer = _key(address, kind)
            identity, secret = _user(address)
            requests.post(f"{address}/moto-api/reset-auth", data=b"0", timeout=10)
            yield address, signer, identity, secret
    finally:
        requests.post(f"{address}/moto-api/reset-auth", data=_UNCHECKED, timeout=10)
        server.stop()


def _client(address: str, service: str) -> object:
    return boto3.client(
        service,
        endpoint_url=address,
        region_name=_REGION,
        aws_access_key_id="nobody",
        aws_secret_access_key="nothing",
    )


def _key(address: str, kind: str) -> TestSigner:
    """Make a key, and take it out of moto to certify it."""
    client = _client(address, "kms")
    made = client.create_key(KeyUsage="SIGN_VERIFY", KeySpec=kind)["KeyMetadata"]  # type: ignore[attr-defined]
    aliases = client.list_aliases()["Aliases"]  # type: ignore[attr-defined]
    if any(alias["AliasName"] == "alias/company-seal" for alias in aliases):
        client.delete_alias(AliasName="alias/company-seal")  # type: ignore[attr-defined]
    client.create_alias(AliasName="alias/company-seal", TargetKeyId=made["KeyId"])  # type: ignore[attr-defined]
    backend = kms_backends["123456789012"][_REGION]
    return TestSigner.make(backend.keys[made["KeyId"]].private_key.private_key)


def _user(address: str) -> tuple[str, str]:
    client = _client(address, "iam")
    name = f"sealgate-{address.rpartition(':')[2]}"
    client.create_user(UserName=name)  # type: ignore[attr-defined]
    client.put_user_policy(  # type: ignore[attr-defined]
        UserName=name, PolicyName="sign", PolicyDocument=json.dumps(_ALLOWED)
    )
    key = client.create_access_key(UserName=name)["AccessKey"]  # type: ignore[attr-defined]
    return key["AccessKeyId"], key["SecretAccessKey"]


@contextmanager
def _as_it_is() -> Iterator[None]:
    yield


@contextmanager
def _digests_signed_as_they_are() -> Iterator[None]:
    respond, rsa, elliptic = KmsResponse.sign, RSAPrivateKey.sign, ECDSAPrivateKey.sign

    def responding(self: KmsResponse) -> str:
        token = _PREHASHED.set(self._get_param("MessageType") == "DIGEST")
        try:
            return respond(self)
        finally:
            _PREHASHED.reset(token)

    def signing(whole: Callable[..., bytes]) -> Callable[[object, bytes, str], bytes]:
        def sign(self: object, message: bytes, signing_algorithm: str) -> bytes:
            if not _PREHASHED.get():
                return whole(self, message, signing_algorithm)
            if len(message) != 32:
                raise ValidationException("Digest is invalid length for algorithm")
            hashed = utils.Prehashed(hashes.SHA256())
            if isinstance(self, ECDSAPrivateKey):
                return self.private_key.sign(message, ec.ECDSA(hashed))
            return self.private_key.sign(message, padding.PKCS1v15(), hashed)  # type: ignore[attr-defined]

        return sign

    with (
        patch.object(KmsResponse, "sign", responding),
        patch.object(RSAPrivateKey, "sign", signing(rsa)),
        patch.object(ECDSAPrivateKey, "sign", signing(elliptic)),
    ):
        yield
