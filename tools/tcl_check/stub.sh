#!/bin/sh
# Plays a tool: checks its command line, then the script. stub.sh NAME GENERATION ARGUMENTS...
name=$1 generation=$2
shift 2
here=$(dirname "$0")
refuse() {
    echo "tcl_check: $name: bad-command-line: $1" >&2
    exit 1
}
script=
case $name in
vitis_hls)
    [ $# = 2 ] && [ "$1" = -f ] || refuse "'$*' is not '-f SCRIPT'"
    kind=hls script=$2
    ;;
vitis-run)
    [ "$1 $2 $3" = "--mode hls --tcl" ] && [ $# = 4 ] || refuse "'$*' is not '--mode hls --tcl SCRIPT'"
    kind=hls script=$4
    ;;
vivado)
    kind=vivado
    while [ $# -gt 0 ]; do
        case $1 in
        -mode) [ "$2" = batch ] || refuse "-mode $2 waits for somebody"; shift ;;
        -source) script=$2; shift ;;
        -log | -journal) shift ;;
        -notrace | -nojournal | -nolog) ;;
        *) refuse "no option $1" ;;
        esac
        shift
    done
    ;;
esac
[ -f "$script" ] || refuse "no script '$script'"
exec tclsh "$here/check.tcl" "$kind" "$generation" "$script"
