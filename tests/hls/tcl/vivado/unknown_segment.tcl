# reject: unknown-segment
source [file join [file dirname [info script]] connected.tcl]
get_bd_addr_segs ps/SAXIGP3/HP1_DDR_LOW
