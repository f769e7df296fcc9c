# reject: outside-window
source [file join [file dirname [info script]] connected.tcl]
assign_bd_address -target_address_space $space $kernel_segment -offset 0x80000000 -range 64K
