# SPDX-License-Identifier: Apache-2.0
# The address map, fixed; drivers and docs rely on it.
#   0xA000_0000  64 KiB  registers of the kernel
#   0xA001_0000   4 KiB  the cycle counter
# The kernel's masters see the processor's DDR where the processor sees it. Their other segments
# (QSPI, on-chip memory) are excluded.
set kernel_address 0xA0000000
set kernel_range 64K
set counter_address 0xA0010000
set counter_range 4K

# Without an offset the segment lies where its slave says.
proc assign_segment {space segment args} {
    assign_bd_address {*}$args -target_address_space [get_bd_addr_spaces $space] \
        [get_bd_addr_segs $segment] -force
}

proc assign_memory {space port} {
    global ps
    assign_segment $space $ps/${port}_DDR_LOW
    # only where the processor is set up for more than 2 GiB
    if {[llength [get_bd_addr_segs -quiet $ps/${port}_DDR_HIGH]]} {
        assign_segment $space $ps/${port}_DDR_HIGH
    }
    foreach name {QSPI LPS_OCM} {
        set segment [get_bd_addr_segs -quiet $ps/${port}_$name]
        if {[llength $segment]} {
            exclude_bd_addr_seg -target_address_space [get_bd_addr_spaces $space] $segment
        }
    }
}

proc assign_addresses {kernel} {
    global ps kernel_address kernel_range counter_address counter_range
    assign_segment $ps/Data ${kernel}_0/s_axi_control/Reg \
        -offset $kernel_address -range $kernel_range
    assign_segment $ps/Data cycle_counter_0/s_axi/reg0 \
        -offset $counter_address -range $counter_range
    assign_memory ${kernel}_0/Data_m_axi_gmem0 SAXIGP2/HP0
    assign_memory ${kernel}_0/Data_m_axi_gmem1 SAXIGP3/HP1
}
