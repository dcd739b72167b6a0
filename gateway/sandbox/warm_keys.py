"""Keep the keys with which certomancer signs loaded, as any server would."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from asn1crypto import algos, keys
from certomancer import crypto_utils
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa


class WarmKeys(crypto_utils.PycaCryptographyBackend):
    """Certomancer's own backend; it loads, and examines, an RSA key anew for each signature."""

    def generic_sign(
        self,
        private_key: keys.PrivateKeyInfo,
        tbs_bytes: bytes,
        sd_algo: algos.SignedDigestAlgorithm,
    ) -> bytes:
        """Sign bytes."""
        loaded = _loaded(private_key.dump())
        if sd_algo.signature_algo != "rsassa_pkcs1v15" or not isinstance(loaded, rsa.RSAPrivateKey):
            made: bytes = super().generic_sign(private_key, tbs_bytes, sd_algo)
            return made
        chosen: hashes.HashAlgorithm = getattr(hashes, sd_algo.hash_algo.upper())()
        return loaded.sign(tbs_bytes, padding.PKCS1v15(), chosen)


@lru_cache(maxsize=64)
def _loaded(der: bytes) -> Any:
    return serialization.load_der_private_key(der, password=None)


def install() -> None:
    """Let certomancer sign with warm keys in this process."""
    crypto_utils.CRYPTO_BACKEND = WarmKeys()
