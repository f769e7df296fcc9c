# reject: unknown-interface
source [file join [file dirname [info script]] cells.tcl]
connect_bd_intf_net {*}[interfaces control/M02_AXI adder_0/s_axi_control]
