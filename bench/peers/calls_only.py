"""Ask a digest service for signatures of random digests, no document.

Prints the seconds, and those of processor time. What this reaches is what the service and the
calls to it allow on this machine.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import time
from pathlib import Path

from pyhanko_remote import logged_in


async def call(chosen: argparse.Namespace) -> float:
    """Make the calls; return the seconds."""
    room = asyncio.Semaphore(max(1, chosen.in_flight // chosen.batch))
    async with logged_in(chosen) as remote:

        async def one() -> None:
            async with room:
                await remote.sign_digests([secrets.token_bytes(32) for _ in range(chosen.batch)])

        await one()
        began = time.perf_counter()
        await asyncio.gather(*(one() for _ in range(chosen.digests // chosen.batch)))
        return time.perf_counter() - began


def main() -> None:
    """Print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--sandbox", type=Path, required=True)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--digests", type=int, default=256)
    print(asyncio.run(call(parser.parse_args())), time.process_time())  # noqa: T201


if __name__ == "__main__":
    main()
