#!/bin/sh
# Install the aarch64 wheel of a folder in a root that make_root.sh made: install.sh ROOT FOLDER.
# PYTHON is a host Python with pip (python3).
set -eu

root=${1:?usage: install.sh ROOT FOLDER}
folder=${2:?usage: install.sh ROOT FOLDER}
python=${PYTHON:-python3}
version=3.11
site=$root/usr/local/lib/python$version/dist-packages

set -- "$folder"/pynq_lstm-*_aarch64.whl
[ $# = 1 ] && [ -e "$1" ] || { echo "install.sh: not one aarch64 wheel in $folder: $*" >&2; exit 2; }
"$python" -m pip --disable-pip-version-check install --quiet --no-warn-conflicts --no-deps \
    --upgrade --target "$site" --no-compile --only-binary=:all: --implementation cp \
    --python-version "$version" --platform manylinux_2_17_aarch64 \
    --platform manylinux_2_28_aarch64 "$1"
