"""Sign files one after another in one warm process with a local key.

Prints the seconds, and those of processor time.
"""

from __future__ import annotations

import time

from stock_pyhanko import arguments, local_signer, pdf_signer, sign


def main() -> None:
    """Sign the first file once to warm up, then all."""
    chosen = arguments().parse_args()
    signer = pdf_signer(local_signer(chosen), chosen.image)
    sign(signer, chosen.files[0], chosen.out / "warm.pdf")
    began, used = time.perf_counter(), time.process_time()
    for path in chosen.files:
        sign(signer, path, chosen.out / path.name)
    print(time.perf_counter() - began, time.process_time() - used)  # noqa: T201


if __name__ == "__main__":
    main()
