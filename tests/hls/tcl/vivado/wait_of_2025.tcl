# reject: unknown-command 2022.1
source [file join [file dirname [info script]] wrapped.tcl]
launch_runs synth_1
wait_on_runs -timeout 5 synth_1
