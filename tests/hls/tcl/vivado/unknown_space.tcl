# reject: unknown-space
source [file join [file dirname [info script]] connected.tcl]
get_bd_addr_spaces adder_0/Data_m_axi_gmem1
