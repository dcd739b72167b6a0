#!/usr/bin/env bash
# Provides atheris for `python -m bench.fuzz`: in .venv-fuzz, nothing in .venv.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=$PWD/.venv-fuzz
stamp=$folder/sealgate-stamp

unset PYTHONPATH PYTHONHOME PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV VIRTUAL_ENV
export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore

wanted() { echo "$PWD $(sha256sum <bench/fuzz-requirements.txt) $(.venv/bin/python --version)"; }

if [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$(wanted)" ]; then
    rm -rf "$folder"
    .venv/bin/python -m pip install --quiet --target "$folder" --requirement bench/fuzz-requirements.txt
    wanted >"$stamp"
fi
