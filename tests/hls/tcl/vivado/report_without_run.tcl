# reject: order
source [file join [file dirname [info script]] wrapped.tcl]
report_timing_summary -file timing.rpt
