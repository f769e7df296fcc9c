# reject: order
source [file join [file dirname [info script]] project.tcl]
csynth_design
open_solution -reset solution
export_design -format ip_catalog -vendor a -library b -version 1.0
