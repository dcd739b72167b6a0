#!/usr/bin/env bash
# Makes .venv: the exact versions of requirements.lock, and this checkout in editable form.
#
# A finished .venv carries a stamp of what it was made from and where. Without the right stamp
# (interrupted, copied from elsewhere, made by another tool, lock or pyproject changed), or when
# its Python does not start any more, it is made anew: half of one is never repaired in place.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
venv=$root/.venv
stamp=$venv/sealgate-stamp

# What is set for another environment must not leak into this one.
unset PYTHONPATH PYTHONHOME PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV VIRTUAL_ENV
export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore

candidates=(python3.13 python3.12 python3.11 python3)
if [ -n "${PYTHON:-}" ]; then candidates=("$PYTHON" "${candidates[@]}"); fi

wanted() { echo "$root $(cat requirements.lock pyproject.toml | sha256sum | cut -d' ' -f1)"; }

is_ready() {
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(wanted)" ] &&
        [ -x "$venv/bin/sealgate" ] &&
        [ "$("$venv/bin/python" -c 'import sys; print(sys.prefix)' 2>/dev/null)" = "$venv" ]
}

is_new_enough() { "$1" -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
can_make_venv() { "$1" -I -c 'import ensurepip, venv' 2>/dev/null; }

# Prints the first Python that will do. A name that is found need not start: version managers
# put names on the PATH for versions that are not chosen.
find_python() {
    local candidate
    for candidate in "${candidates[@]}"; do
        if is_new_enough "$candidate" && can_make_venv "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

# Debian and Ubuntu ship Python without the part that makes environments.
install_venv_package() {
    local candidate version
    for candidate in "${candidates[@]}"; do
        if is_new_enough "$candidate"; then
            version=$("$candidate" -I -c 'import sys; print("%d.%d" % sys.version_info[:2])')
            scripts/packages.sh "python$version-venv"
            return
        fi
    done
    {
        echo "sealgate: needs Python 3.11 or newer; none of python3.13, python3.12, python3.11"
        echo "and python3 is. Debian 12 and Ubuntu 24.04 have it: apt-get install python3 python3-venv"
        echo "Another one can be named: make PYTHON=/path/to/python3"
    } >&2
    return 1
}

# Two set-ups at the same time would spoil each other's work.
exec 9<"$root"
if command -v flock >/dev/null; then flock 9; fi

if is_ready; then exit 0; fi
if ! python=$(find_python); then
    install_venv_package
    python=$(find_python)
fi

echo "sealgate: setting up .venv with $("$python" --version) (once; about a minute)"
rm -f "$stamp"
rm -rf "$venv"
"$python" -I -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --no-deps --require-hashes --requirement requirements.lock
"$venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation --editable .
"$venv/bin/python" -m pip check --quiet >&2
wanted >"$stamp.new"
mv "$stamp.new" "$stamp"
