# reject: no-top
source [file join [file dirname [info script]] project.tcl]
set_top multiplier
csynth_design
