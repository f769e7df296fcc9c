# reject: two-connections
source [file join [file dirname [info script]] connected.tcl]
connect_bd_intf_net {*}[interfaces memory/M00_AXI adder_0/s_axi_control]
