"""What pyHanko reads and writes by modules of ours, in a process that works on documents."""

from __future__ import annotations

from gateway.pdf import (
    cross_references,
    dictionaries,
    hex_strings,
    payloads,
    reals,
    tables,
    tokens,
)


def install() -> None:
    """Let pyHanko work by all of them, in this process."""
    for module in (hex_strings, tables, cross_references, payloads, reals, tokens, dictionaries):
        module.install()
