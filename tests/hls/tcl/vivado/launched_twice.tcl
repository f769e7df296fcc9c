# reject: order
source [file join [file dirname [info script]] wrapped.tcl]
launch_runs synth_1
finish synth_1
launch_runs synth_1
