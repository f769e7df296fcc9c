# reject: open-pin
source [file join [file dirname [info script]] addressed.tcl]
create_bd_cell -type ip -vlnv xilinx.com:ip:proc_sys_reset other
validate_bd_design
close_project
