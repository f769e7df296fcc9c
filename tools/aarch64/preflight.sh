#!/bin/sh
# Print the Debian packages that the aarch64 targets lack here, and on stderr how to install them.
set -u

packages=
needs() { [ -e "$1" ] || command -v "$1" >/dev/null || packages="$packages $2"; }

needs aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu
# the cross gcc only recommends it, and nothing links without it
needs /usr/aarch64-linux-gnu/include/stdio.h libc6-dev-arm64-cross
# qemu-user and not qemu-user-static, whose emulators load no plugins
needs qemu-aarch64 qemu-user
needs mmdebstrap mmdebstrap
needs llvm-mca llvm

[ -z "$packages" ] && exit
echo "lacking, for the aarch64 targets:$packages. Install with:  apt-get install" \
    "--no-install-recommends$packages" >&2
# shellcheck disable=SC2086
printf '%s\n' $packages
exit 1
