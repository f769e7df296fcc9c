# Runs a Tcl script of Vitis HLS or Vivado under plain tclsh, against a model of the tool: commands,
# options, order, files; for Vivado the block design too. Nothing is synthesised.
#   tclsh check.tcl hls|vivado 2022.1|2025.2 SCRIPT
# Ends with status 1 and "tcl_check: SCRIPT:LINE: RULE: what" at the first thing that the tool would
# refuse. README.md lists the rules, and what they rest on.
namespace eval check {
    lassign $::argv tool generation script
    variable here [file dirname [file normalize [info script]]]
    if {$tool ni {hls vivado} || $generation ni {2022.1 2025.2} || ![file isfile $script]} {
        puts stderr "usage: tclsh check.tcl hls|vivado 2022.1|2025.2 SCRIPT"
        exit 2
    }
    set script [file normalize $script]

    # the line that the project's script is at, innermost
    proc line {} {
        for {set level [info frame]} {$level > 0} {incr level -1} {
            set frame [info frame $level]
            if {[dict get $frame type] eq "source"
                    && ![string match $check::here/* [dict get $frame file]]} {
                return [file tail [dict get $frame file]]:[dict get $frame line]
            }
        }
        return [file tail $check::script]
    }
    # not an error: the script's own catch must not hide it
    proc fail {rule what} {
        variable rules
        if {![dict exists $rules $rule]} { set what "undeclared: $what" }
        puts stderr "tcl_check: [line]: $rule: $what"
        ::check::real_exit 1
    }
    proc log {what} { puts "tcl_check: $what" }

    # a file that the tool would leave: a sample of it if there is one, else an empty file
    proc leave {path sample} {
        file mkdir [file dirname $path]
        set from {}
        if {[info exists ::env(TCL_CHECK_SAMPLES)]} {
            set from [file join $::env(TCL_CHECK_SAMPLES) $sample]
        }
        if {$from ne {} && [file isfile $from]} {
            file copy -force $from $path
        } else {
            close [open $path w]
        }
    }
}
rename exit ::check::real_exit

source [file join $check::here rules.tcl]
source [file join $check::here arguments.tcl]
source [file join $check::here paths.tcl]
if {$check::tool eq "hls"} {
    source [file join $check::here hls_commands.tcl]
    source [file join $check::here hls_model.tcl]
} else {
    foreach part {vivado_commands vivado_project bd_catalog bd_module bd_cells bd_nets bd_addresses
        bd_validate} {
        source [file join $check::here $part.tcl]
    }
}

proc exit {{status 0}} {
    if {$status == 0} {
        model::finish
    }
    ::check::real_exit $status
}
proc unknown {name args} {
    check::fail unknown-command "there is no command $name in $check::tool $check::generation"
}

check::no_absolute_paths $check::script
if {[catch {source $check::script} message]} {
    check::fail tcl-error $message
}
exit 0
