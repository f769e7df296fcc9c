# accept
source [file join [file dirname [info script]] wrapped.tcl]
set_property strategy Performance_Explore [get_runs impl_1]
launch_runs synth_1 -jobs 2
finish synth_1
launch_runs impl_1 -to_step write_bitstream
finish impl_1
open_run impl_1
report_utilization -file utilization.rpt
report_timing_summary -file timing.rpt
if {[get_property PROGRESS [get_runs impl_1]] ne "100%"} { error "not complete" }
close_project
exit
