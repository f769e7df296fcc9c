# reject: missing-file
source [file join [file dirname [info script]] wrapped.tcl]
launch_runs synth_1
finish synth_1
open_run synth_1
report_utilization -file reports/utilization.rpt
