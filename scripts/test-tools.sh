#!/usr/bin/env bash
# Provides the programs with which the tests judge results: other people's PDF and CMS tools.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

missing=()
require_file() { [ -f "$1" ] || missing+=("$2"); }
require() { command -v "$1" >/dev/null || missing+=("$2"); }

require pdfsig poppler-utils
require qpdf qpdf
require mutool mupdf-tools
require openssl openssl
require certutil libnss3-tools
require zbarimg zbar-tools
require dmtxread dmtx-utils
require_file /usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc fonts-noto-cjk
require_file /usr/share/fonts/truetype/arphic/uming.ttc fonts-arphic-uming
require_file /usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf fonts-dejavu-core
require softhsm2-util softhsm2
require /usr/sbin/sshd openssh-server
require ssh-keygen openssh-client
require promtool prometheus
require systemd-analyze systemd
require /usr/sbin/smbd samba
require_file /usr/bin/pg_lsclusters postgresql
require_file /usr/lib/$(uname -m)-linux-gnu/samba/vfs/fruit.so samba-vfs-modules
require smbclient smbclient
require sshfs sshfs
require pgrep procps
require faketime faketime
require_file /usr/bin/chromium chromium

if [ ${#missing[@]} -gt 0 ]; then
    scripts/packages.sh "${missing[@]}"
fi
