# reject: order
source [file join [file dirname [info script]] wrapped.tcl]
launch_runs impl_1 -to_step write_bitstream
