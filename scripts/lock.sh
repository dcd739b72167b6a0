#!/usr/bin/env bash
# Writes requirements.lock anew: the newest versions that the ranges in pyproject.toml allow, and
# the hashes of all files that the index has of each, so that every platform installs by it.
# With --keep the versions stay that the lock names: for a version that was put in by hand.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tool=pip-tools==7.6.2

unset PYTHONPATH PYTHONHOME PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV VIRTUAL_ENV
export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ "${1:-}" = --keep ]; then
    grep -oE '^[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+' requirements.lock >"$work/versions.in"
else
    "${PYTHON:-python3}" -I -m venv "$work/venv"
    "$work/venv/bin/python" -m pip install --quiet '.[sandbox,pkcs11,aws,smb,s3,postgresql,dev]' hatchling editables
    "$work/venv/bin/python" -m pip freeze --exclude sealgate >"$work/versions.in"
fi

echo "sealgate: asking the index for the hashes of $(grep -c == "$work/versions.in") packages (a few minutes)"
"${PYTHON:-python3}" -I -m venv "$work/tool"
"$work/tool/bin/python" -m pip install --quiet "$tool"
"$work/tool/bin/pip-compile" --quiet --generate-hashes --allow-unsafe --strip-extras \
    --no-header --no-annotate --no-emit-options --output-file "$work/pins" "$work/versions.in" >/dev/null
{
    echo "# Exact versions, with the hashes of their files, of everything that running, evaluating and"
    echo "# developing Sealgate needs, and what builds it. Written by \`make lock\` from the ranges in"
    echo "# pyproject.toml; a version that is put in by hand gets its hashes by \`scripts/lock.sh --keep\`."
    cat "$work/pins"
} >"$work/requirements.lock"
cp "$work/requirements.lock" requirements.lock
echo "requirements.lock: $(grep -c == requirements.lock) packages"
