"""Sign files one after another in one warm process with a local key.

Prints the seconds, and those of processor time.
"""

from __future__ import annotations

import sys
import time
import types
from pathlib import Path

from cryptography.hazmat.primitives.serialization import pkcs12

# Only signing is wanted. Its verifier needs a library that does not know OpenSSL 3.0.10 and later.
sys.modules["endesive.pdf.verify"] = types.ModuleType("endesive.pdf.verify")
vars(sys.modules["endesive.pdf.verify"]).update(PDFVerifier=None, verify=None)
from endesive.pdf import cms  # noqa: E402
from stock_pyhanko import BOX, arguments  # noqa: E402

_SETTINGS = {"sigfield": "Seal", "signaturebox": BOX, "sigflags": 3, "contact": "", "location": ""}


def main() -> None:
    """Sign the first file once to warm up, then all."""
    chosen = arguments().parse_args()
    password = chosen.password.encode()
    key, own, others = pkcs12.load_key_and_certificates(chosen.key.read_bytes(), password)
    settings = _SETTINGS | {
        "signature_img": str(chosen.image),
        "signingdate": time.strftime("D:%Y%m%d%H%M%S+00'00'", time.gmtime()),
        "reason": "Seal",
    }

    def sign(source: Path, target: Path) -> None:
        document = source.read_bytes()
        increment = cms.sign(document, settings, key, own, others, "sha256")
        target.write_bytes(document + increment)

    sign(chosen.files[0], chosen.out / "warm.pdf")
    began, used = time.perf_counter(), time.process_time()
    for path in chosen.files:
        sign(path, chosen.out / path.name)
    print(time.perf_counter() - began, time.process_time() - used)  # noqa: T201


if __name__ == "__main__":
    main()
