# reject: unknown-ip
source [file join [file dirname [info script]] project.tcl]
create_bd_cell -type ip -vlnv a:b:adder:2.0 adder_0
