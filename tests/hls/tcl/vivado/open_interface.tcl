# reject: open-interface
source [file join [file dirname [info script]] addressed.tcl]
set_property CONFIG.NUM_SI 2 $memory
validate_bd_design
close_project
