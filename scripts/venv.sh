#!/bin/sh
# Make a virtual environment, or say in one line what is missing and how to get it.
# Usage: scripts/venv.sh PYTHON FOLDER
set -u
python=$1
folder=$2
fail() {
    echo "setup: $1" >&2
    exit 1
}
command -v "$python" >/dev/null 2>&1 ||
    fail "$python is not installed: apt-get install python3 python3-venv (or name another with make PYTHON=...)"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$("$python" --version) is too old, 3.11 or newer is needed: name another with make PYTHON=python3.12"
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "$python has no venv module: apt-get install python3-venv"
if ! "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
    rm -rf "$folder"
    "$python" -m venv "$folder" || fail "cannot make the virtual environment $folder: see the message above"
fi
