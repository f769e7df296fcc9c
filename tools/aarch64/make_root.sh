#!/bin/sh
# Make an arm64 root with Python, NumPy and pytest: make_root.sh DIR. No arm64 code runs meanwhile.
# As root on Debian. PYTHON is a host Python with pip (python3), MIRROR a Debian mirror (apt's own).
# DIR/.made appears last: without it the root is not whole.
set -eu

# Debian 12: the last with a Python that NumPy below 2 has wheels for
suite=bookworm
version=3.11
dir=${1:?usage: make_root.sh DIR}
python=${PYTHON:-python3}
here=$(cd "$(dirname "$0")" && pwd)

fail() { echo "make_root.sh: $*" >&2; exit 2; }
[ "$(id -u)" = 0 ] || fail "run as root: the files of the root belong to it"
"$here/preflight.sh" >/dev/null || exit 2
# shellcheck disable=SC2016
mirror=${MIRROR:-$(apt-get indextargets --format '$(REPO_URI) $(LABEL)' 'Created-By: Packages' |
    awk '$2 == "Debian" { print $1; exit }')}
[ -n "$mirror" ] || fail "no Debian mirror in the sources of apt; set MIRROR"

echo "arm64 root, Debian $suite"
rm -rf "$dir"
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
mmdebstrap --quiet --mode=root --arch=arm64 --variant=extract \
    --include=python3,libpython3-dev,libstdc++6,libffi8,zlib1g "$suite" "$dir" "$mirror"

echo "aarch64 wheels for Python $version"
site=$dir/usr/local/lib/python$version/dist-packages
platforms=
for tag in 2014 _2_17 _2_27 _2_28; do
    platforms="$platforms --platform manylinux${tag}_aarch64"
done
# shellcheck disable=SC2086
"$python" -m pip --disable-pip-version-check install --quiet --retries 5 --no-warn-conflicts \
    --target "$site" --no-compile --only-binary=:all: --implementation cp \
    --python-version "$version" $platforms --requirement "$here/requirements.txt"
# programs that start sys.executable get the emulator too, and not an ENOEXEC
echo 'import os, sys; sys.executable = os.environ.get("AARCH64_PYTHON", sys.executable)' \
    >"$site/emulated.pth"

# byte code is the same on every machine, and without it each start of pytest takes 6 s more
echo "byte code"
compiler=$python
[ "$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')" = "$version" ] ||
    compiler="qemu-aarch64 -L $dir $dir/usr/bin/python$version"
$compiler -m compileall -q "$dir/usr/lib/python$version" "$site"
touch "$dir/.made"
