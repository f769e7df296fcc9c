# All of it connected, without addresses.
source [file join [file dirname [info script]] cells.tcl]
connect_bd_net {*}[pins ps/pl_clk0 ps/maxihpm0_fpd_aclk ps/saxihp0_fpd_aclk adder_0/ap_clk \
    registers_0/aclk control/aclk memory/aclk reset/slowest_sync_clk]
connect_bd_net {*}[pins ps/pl_resetn0 reset/ext_reset_in]
connect_bd_net {*}[pins reset/peripheral_aresetn adder_0/ap_rst_n registers_0/aresetn \
    control/aresetn memory/aresetn]
connect_bd_intf_net -intf_net control {*}[interfaces ps/M_AXI_HPM0_FPD control/S00_AXI]
connect_bd_intf_net -intf_net kernel {*}[interfaces control/M00_AXI adder_0/s_axi_control]
connect_bd_intf_net -intf_net registers {*}[interfaces control/M01_AXI registers_0/s_axi]
connect_bd_intf_net -intf_net reads {*}[interfaces adder_0/m_axi_gmem0 memory/S00_AXI]
connect_bd_intf_net -intf_net memory {*}[interfaces memory/M00_AXI ps/S_AXI_HP0_FPD]
set space [get_bd_addr_spaces ps/Data]
set kernel_segment [get_bd_addr_segs adder_0/s_axi_control/Reg]
set register_segment [get_bd_addr_segs registers_0/s_axi/reg0]
set memory_space [get_bd_addr_spaces adder_0/Data_m_axi_gmem0]
