# reject: unreachable
source [file join [file dirname [info script]] connected.tcl]
assign_bd_address -target_address_space $space [get_bd_addr_segs ps/SAXIGP2/HP0_DDR_LOW]
