# reject: no-value
source [file join [file dirname [info script]] project.tcl]
csynth_design
cosim_design -argv
