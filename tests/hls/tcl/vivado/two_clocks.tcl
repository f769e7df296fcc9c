# reject: two-clocks
source [file join [file dirname [info script]] addressed.tcl]
set_property CONFIG.PSU__FPGA_PL1_ENABLE 1 $ps
set_property CONFIG.NUM_MI 3 $control
create_bd_cell -type module -reference registers other_0
connect_bd_net {*}[pins ps/pl_clk1 other_0/aclk]
connect_bd_net {*}[pins reset/peripheral_aresetn other_0/aresetn]
connect_bd_intf_net {*}[interfaces control/M02_AXI other_0/s_axi]
validate_bd_design
close_project
