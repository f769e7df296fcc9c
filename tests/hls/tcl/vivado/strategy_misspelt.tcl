# reject: bad-value
source [file join [file dirname [info script]] wrapped.tcl]
set_property strategy Performance_Explored [get_runs impl_1]
