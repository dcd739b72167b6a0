#!/usr/bin/env bash
# Style, types and floors; each check is one line when all is well.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bin=$PWD/.venv/bin

check() {
    local output
    if ! output=$("$bin/$1" "${@:2}" 2>&1); then
        echo "$output"
        echo "sealgate: this check failed: $*" >&2
        exit 1
    fi
    echo "ok: $*"
}

check ruff check .
check ruff format --check .
check mypy
check lint-imports
