# reject: unknown-ip
source [file join [file dirname [info script]] project.tcl]
create_bd_cell -type ip -vlnv xilinx.com:ip:smart_connect s
