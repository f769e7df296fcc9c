# reject: open-pin
source [file join [file dirname [info script]] addressed.tcl]
set_property CONFIG.PSU__USE__M_AXI_GP1 1 $ps
validate_bd_design
close_project
