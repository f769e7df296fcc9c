# reject: order
source [file join [file dirname [info script]] addressed.tcl]
save_bd_design
