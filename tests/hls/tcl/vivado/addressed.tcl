# And the addresses.
source [file join [file dirname [info script]] connected.tcl]
assign_bd_address -offset 0xA0000000 -range 64K -target_address_space $space $kernel_segment
assign_bd_address -offset 0xA0010000 -range 4K -target_address_space $space $register_segment
assign_bd_address -target_address_space $memory_space [get_bd_addr_segs ps/SAXIGP2/HP0_DDR_LOW]
foreach name {QSPI LPS_OCM} {
    exclude_bd_addr_seg -target_address_space $memory_space [get_bd_addr_segs ps/SAXIGP2/HP0_$name]
}
