#!/usr/bin/env bash
# Starts webui.py with a suitable Python, for hands that are used to webui.sh.
set -eu
export PAINTBOX_CALLED_FROM="${PAINTBOX_CALLED_FROM:-$PWD}"
cd "$(dirname "$(readlink -f "$0" 2>/dev/null || echo "$0")")"

# settings of one's own, such as: export COMMANDLINE_ARGS="--listen"
if [ -f webui-user.sh ]; then . ./webui-user.sh; fi

# A1111's leave to run as root; Paintbox needs none
if [ "${1:-}" = "-f" ]; then shift; fi

suitable() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; }

python=${python_cmd:-${PYTHON:-}}
if [ -z "$python" ]; then
  for python in python3 python3.13 python3.12 python3.11 python3.14 python; do
    if suitable "$python"; then break; fi
  done
fi
# webui.py itself says what is wrong where none of them fits
suitable "$python" || python=${python_cmd:-${PYTHON:-python3}}
exec "$python" webui.py "$@"
