# reject: argument-count
source [file join [file dirname [info script]] project.tcl]
set_top adder subtractor
csynth_design
