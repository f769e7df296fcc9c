# reject: bad-direction
source [file join [file dirname [info script]] cells.tcl]
connect_bd_intf_net {*}[interfaces adder_0/m_axi_gmem0 control/M00_AXI]
