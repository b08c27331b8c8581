#!/usr/bin/env bash
# Writes requirements/*.txt from pyproject.toml: every package that may come in, with its hashes, for any platform.
# `scripts/lock.sh` keeps the versions already locked; `scripts/lock.sh --upgrade` takes the newest ones.
# Why requirements files: docs/decisions/0001-locks-are-requirements-files.md.
set -euo pipefail
cd "$(dirname "$0")/.."
export UV_SYSTEM_CERTS=1

lock() { # lock NAME ARGUMENTS...
    local name=$1
    shift
    echo "requirements/$name.txt"
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --custom-compile-command "make lock" "$@" --output-file "requirements/$name.txt"
}

lock app pyproject.toml "$@"
lock extras pyproject.toml --all-extras --constraints requirements/app.txt "$@"
for group in build dev node uv; do # the application's versions bind the tools' where both use a package
    lock "$group" --group "$group" --constraints requirements/extras.txt "$@"
done
