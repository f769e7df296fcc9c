# reject: unknown-net
source [file join [file dirname [info script]] connected.tcl]
get_bd_intf_nets kernel_registers
