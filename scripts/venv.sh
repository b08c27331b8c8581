#!/usr/bin/env bash
# Makes .venv with uv in it, from nothing but a Python 3.11 or newer: the interpreter's own pip fetches uv, of the
# version and hashes in requirements/uv.txt; everything after that is uv's work (Makefile).
# Debian's python3 cannot make a virtual environment without the package python3-venv: installed when we are root.
set -euo pipefail
cd "$(dirname "$0")/.."

find_python() {
    local candidate
    for candidate in ${PYTHON:+"$PYTHON"} python3.11 python3 python3.12 python3.13; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "Python 3.11 or newer is needed and was not found. Install it, or name it: make install PYTHON=/path/to/python" >&2
    return 1
}

python=$(find_python)

if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print(f"{sys.version_info[0]}.{sys.version_info[1]}")')
    scripts/debian.sh "/usr/lib/python$version/ensurepip/__init__.py=python$version-venv"
fi

if ! .venv/bin/python -c 'import pip' 2>/dev/null; then # absent, or broken: a folder that moved, a Python that went
    rm -rf .venv
    "$python" -m venv .venv
fi
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --only-binary :all: \
    --requirement requirements/uv.txt
