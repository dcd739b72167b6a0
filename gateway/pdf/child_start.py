"""Start the child process: first without what it must not have, then with all that it needs."""

from __future__ import annotations

from importlib import import_module

from gateway.pdf import unplugged


def main() -> None:
    """Serve requests until the parent closes our input."""
    unplugged.install()
    import_module("gateway.pdf.child").main()


if __name__ == "__main__":
    main()
