# reject: duplicate-cell
source [file join [file dirname [info script]] cells.tcl]
create_bd_cell -type ip -vlnv xilinx.com:ip:smartconnect memory
