# reject: order
source [file join [file dirname [info script]] project.tcl]
cosim_design
