#!/bin/sh
# Checks the system packages that musicdesk needs; installs them when run as root on Debian or Ubuntu.
# --check only names what is missing. Other systems are left alone: their packages have other names.
set -eu
here=$(dirname "$0")
command -v dpkg-query >/dev/null 2>&1 || exit 0

missing=""
while read -r kind name; do
    case "$kind" in ''|'#'*) continue ;; esac
    case "$name" in
    python3-*) # another Python (pyenv, conda) brings its own
        case "$(command -v python3)" in /usr/bin/*) ;; *) continue ;; esac ;;
    esac
    # Ubuntu 24.04 renamed some libraries with the ending t64.
    dpkg-query -W -f='${db:Status-Abbrev}\n' "$name" "${name}t64" 2>/dev/null | grep -q '^ii' && continue
    missing="$missing $name"
done <"$here/system-packages.txt"

[ -n "$missing" ] || exit 0
if [ "${1:-}" = "--check" ] || [ "$(id -u)" -ne 0 ]; then
    echo "musicdesk needs system packages that are missing. Please run:"
    echo "    sudo apt-get install --no-install-recommends$missing"
    exit 0
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
