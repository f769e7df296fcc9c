#!/bin/sh
# Print the Python to use, or name everything that the machine lacks and how to install it.
# $PYTHON, if set, is the only candidate.
set -u

works() { "$1" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null; }

candidates() {
    # 3.11 first: PyTorch's build for it is the smallest to get on many machines
    echo python3.11 python3.12 python3.10 python3
    ls -d "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[012].*/bin/python 2>/dev/null
}

python=
for candidate in ${PYTHON:-$(candidates)}; do
    if works "$candidate"; then python=$candidate; break; fi
done

lacking=0
lacks() { echo "lacking: $1. Install it with:  $2" >&2; lacking=1; }

if [ -z "$python" ]; then
    lacks "Python 3.10, 3.11 or 3.12${PYTHON:+ ($PYTHON is none of them)}" \
        "apt-get install python3 python3-venv python3-dev"
else
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    "$python" -c 'import venv, ensurepip' 2>/dev/null ||
        lacks "the venv module of Python $version" "apt-get install python$version-venv"
    "$python" -c 'import os, sys, sysconfig
sys.exit(not os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h")))' ||
        lacks "the headers of Python $version" "apt-get install python$version-dev"
fi
command -v "${CC:-cc}" >/dev/null || lacks "a C compiler" "apt-get install build-essential"

[ "$lacking" = 0 ] && echo "$python"
exit "$lacking"
