# reject: no-value
source [file join [file dirname [info script]] project.tcl]
create_clock -name default
csynth_design
