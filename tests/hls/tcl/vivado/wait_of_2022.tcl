# reject: unknown-command 2025.2
source [file join [file dirname [info script]] wrapped.tcl]
launch_runs synth_1
wait_on_run -timeout 5 synth_1
