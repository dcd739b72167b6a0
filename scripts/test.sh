#!/usr/bin/env bash
# Checks everything there is to check; the last line of a complete run is pytest's own.
# Usage: scripts/test.sh [PYTEST-ARGUMENT...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Tests start hundreds of interpreters: each would compile the whole program again.
unset PYTHONDONTWRITEBYTECODE

scripts/lint.sh
# A file's tests stay together: they share servers that are slow to start. Files are taken in the
# order of tests/conftest.py; by themselves the workers would leave those of few long tests to the end.
exec .venv/bin/python -m pytest -n "$(nproc)" --maxprocesses 4 --dist loadfile \
    --no-loadscope-reorder "$@"
