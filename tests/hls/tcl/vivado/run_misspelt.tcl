# reject: unknown-run
source [file join [file dirname [info script]] wrapped.tcl]
launch_runs [get_runs implementation]
