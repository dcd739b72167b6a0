#!/usr/bin/env bash
# Asks the package index about every version in requirements.lock: was it withdrawn, is a
# vulnerability known? Needs the index itself (pypi.org): a mirror that knows no vulnerabilities
# is told from one that knows of none, and the audit fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=$PWD/.venv-audit
tools=(pip==25.3 pip-audit==2.10.1)

unset PYTHONPATH PYTHONHOME PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV VIRTUAL_ENV
export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore

if [ ! -f "$venv/made-for-${tools[*]//[^A-Za-z0-9.]/_}" ]; then
    echo "sealgate: setting up .venv-audit (once)"
    rm -rf "$venv"
    .venv/bin/python -I -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet "${tools[@]}"
    touch "$venv/made-for-${tools[*]//[^A-Za-z0-9.]/_}"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "sealgate: is any version withdrawn? (a minute or two)"
"$venv/bin/python" -m pip install --quiet --dry-run --ignore-installed --no-deps \
    --report "$work/report.json" --requirement requirements.lock
"$venv/bin/python" - "$work/report.json" <<'PYTHON'
import json, sys

with open(sys.argv[1], encoding="utf-8") as file:
    found = json.load(file)["install"]
yanked = [f"{one['metadata']['name']} {one['metadata']['version']}" for one in found if one["is_yanked"]]
print(f"{len(found)} versions, {len(yanked)} withdrawn", *yanked, sep="\n  ")
sys.exit(bool(yanked))
PYTHON

echo "sealgate: is a vulnerability known?"
"$venv/bin/pip-audit" --strict --disable-pip --no-deps --requirement requirements.lock
