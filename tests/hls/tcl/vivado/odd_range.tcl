# reject: bad-range
source [file join [file dirname [info script]] connected.tcl]
assign_bd_address -target_address_space $space $kernel_segment -offset 0xA0000000 -range 6K
