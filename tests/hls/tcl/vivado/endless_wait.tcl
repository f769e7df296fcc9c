# reject: endless-wait
source [file join [file dirname [info script]] wrapped.tcl]
launch_runs synth_1
if {[llength [info commands wait_on_runs]]} { wait_on_runs synth_1 } else { wait_on_run synth_1 }
