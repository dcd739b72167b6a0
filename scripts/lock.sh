#!/usr/bin/env bash
# Writes requirements.lock anew: the newest versions that the ranges in pyproject.toml allow.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -I -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check '.[sandbox,pkcs11,aws,smb,s3,postgresql,dev]' hatchling editables
{
    echo "# Exact versions of everything that running, evaluating and developing Sealgate needs, and what"
    echo "# builds it. Written by \`make lock\` from the ranges in pyproject.toml; do not edit."
    "$work/venv/bin/python" -m pip freeze --exclude sealgate
} >"$work/requirements.lock"
cp "$work/requirements.lock" requirements.lock
echo "requirements.lock: $(grep -c == requirements.lock) packages"
