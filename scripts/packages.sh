#!/usr/bin/env bash
# Installs Debian or Ubuntu packages when we may; otherwise says which command would.
# Usage: scripts/packages.sh PACKAGE...
set -euo pipefail

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    {
        echo "sealgate: these packages are missing: $*"
        echo "Install them, then run this again:"
        echo "    sudo apt-get update && sudo apt-get install --yes $*"
    } >&2
    exit 1
fi

echo "sealgate: installing $*"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() { apt-get install --yes --no-install-recommends "$@" </dev/null >"$log" 2>&1; }

# The lists may be missing or old: fetched only when the first try fails.
if ! install "$@" && ! { apt-get update </dev/null >"$log" 2>&1 && install "$@"; }; then
    cat "$log" >&2
    echo "sealgate: apt-get could not install: $*" >&2
    exit 1
fi
