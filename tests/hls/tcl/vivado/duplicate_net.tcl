# reject: duplicate-net
source [file join [file dirname [info script]] cells.tcl]
connect_bd_intf_net -intf_net one {*}[interfaces ps/M_AXI_HPM0_FPD control/S00_AXI]
connect_bd_intf_net -intf_net one {*}[interfaces control/M00_AXI adder_0/s_axi_control]
