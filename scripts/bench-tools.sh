#!/usr/bin/env bash
# Provides other signers for the benchmarks: Python packages in .venv-bench, nothing in .venv.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=$PWD/.venv-bench
stamp=$venv/sealgate-stamp

unset PYTHONPATH PYTHONHOME PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV VIRTUAL_ENV
export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore

wanted() { echo "$PWD $(sha256sum <bench/requirements.txt)"; }

if [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$(wanted)" ]; then
    echo "sealgate: setting up .venv-bench (once; about a minute)"
    rm -rf "$venv"
    .venv/bin/python -I -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --requirement bench/requirements.txt
    wanted >"$stamp"
fi

# Node.js, poppler and NSS take part where they are; what is missing is left out of the tables.
if command -v npm >/dev/null && [ ! -d bench/peers/node/node_modules/@signpdf/signpdf ]; then
    npm install --prefix bench/peers/node --no-audit --no-fund --no-package-lock --silent ||
        echo "sealgate: node signpdf cannot be installed and is left out" >&2
fi
