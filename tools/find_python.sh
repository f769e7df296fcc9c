#!/bin/sh
# Print a Python of one version, as in `find_python.sh 3.10`: a real one, not a shim that refuses.
set -u

for candidate in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/python; do
    "$candidate" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$1')" 2>/dev/null &&
        command -v "$candidate" && exit
done
echo "lacking: Python $1. Install it with:  apt-get install python$1-venv python$1-dev," \
    "or pyenv install $1" >&2
exit 1
