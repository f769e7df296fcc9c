# reject: no-work
source [file join [file dirname [info script]] project.tcl]
create_bd_cell -type ip -vlnv xilinx.com:ip:smartconnect s
