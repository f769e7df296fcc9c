#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run_tool.sh hls|vivado SCRIPT STAMP: run a Tcl script in the stamp's folder with the tool there is,
# and fail unless it wrote the stamp. Without SCRIPT: only say if the tool is lacking.
set -u
kind=$1

lacks() {
    echo "lacking: $1 on PATH." >&2
    echo "Versions 2022.1 to 2025.2 do. Install one and run '. <its folder>/settings64.sh' first." >&2
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

case $kind in
hls)
    # vitis_hls up to 2024.1, vitis-run after it
    if has vitis_hls; then
        run() { vitis_hls -f "$1"; }
    elif has vitis-run; then
        run() { vitis-run --mode hls --tcl "$1"; }
    else
        lacks "Vitis HLS: neither vitis_hls nor vitis-run is"
    fi
    ;;
vivado)
    has vivado || lacks "Vivado: vivado is not"
    run() { vivado -mode batch -notrace -log "$step.log" -journal "$step.jou" -source "$1"; }
    ;;
*)
    echo "run_tool.sh: '$kind' is neither hls nor vivado" >&2
    exit 2
    ;;
esac
[ $# -ge 3 ] || exit 0

script=$2 stamp=$3
step=$(basename "$stamp" .done)
mkdir -p "$(dirname "$stamp")" && cd "$(dirname "$stamp")" || exit 1
rm -f "$stamp"
run "$script"
status=$?
if [ ! -f "$stamp" ]; then
    echo "$step: the tool ended with status $status and without the stamp $stamp; see above" >&2
    exit 1
fi
