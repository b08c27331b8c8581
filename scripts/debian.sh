#!/usr/bin/env bash
# Sees that Debian packages are there: scripts/debian.sh PROBE=PACKAGE... where PROBE is a command, or a path (which
# may be a pattern), that exists once PACKAGE is installed. What is missing is installed by apt-get when we are root
# and named otherwise. Installing PostgreSQL, OpenLDAP or nginx here makes no cluster, no directory, and starts no
# service: the tests bring their own.
set -euo pipefail

is_there() {
    case $1 in
        /*) compgen -G "$1" >/dev/null ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

missing=()
for pair in "$@"; do
    is_there "${pair%%=*}" || missing+=("${pair#*=}")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "Missing: ${missing[*]}. Install with: sudo apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
fi

# Read by postgresql-common when it is configured; ours alone, and gone when we are done.
no_cluster=/etc/postgresql-common/createcluster.d/assent-tests.conf
mkdir -p "${no_cluster%/*}"
echo "create_main_cluster = false" >"$no_cluster"
trap 'rm -f "$no_cluster" ${no_start:+"$no_start"}' EXIT

if [[ " ${missing[*]} " == *" nginx-light "* && ! -e /usr/sbin/policy-rc.d ]]; then
    no_start=/usr/sbin/policy-rc.d # asked before a package starts its service
    printf '#!/bin/sh\nexit 101\n' >"$no_start"
    chmod +x "$no_start"
fi
if [[ " ${missing[*]} " == *" slapd "* ]]; then
    echo "slapd slapd/no_configuration boolean true" | debconf-set-selections
fi

install() {
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 --no-install-recommends \
        -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold "${missing[@]}" </dev/null >/dev/null
}
echo "Installing from Debian: ${missing[*]}"
if ! install 2>/dev/null; then # no package lists yet, or old ones
    apt-get update --quiet=2 </dev/null
    install
fi
if [[ " ${missing[*]} " == *" nginx-light "* ]] && command -v systemctl >/dev/null; then
    systemctl disable --quiet nginx # nor with the next start of the machine
fi
