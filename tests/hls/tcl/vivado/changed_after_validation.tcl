# reject: order
source [file join [file dirname [info script]] addressed.tcl]
validate_bd_design
create_bd_cell -type ip -vlnv xilinx.com:ip:smartconnect s
save_bd_design
