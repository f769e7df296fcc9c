# The processor, a kernel and two interconnects, not connected.
source [file join [file dirname [info script]] project.tcl]
set ps [create_bd_cell -type ip -vlnv xilinx.com:ip:zynq_ultra_ps_e ps]
apply_bd_automation -rule xilinx.com:bd_rule:zynq_ultra_ps_e -config {apply_board_preset "1"} $ps
set_property -dict [list CONFIG.PSU__USE__M_AXI_GP0 1 CONFIG.PSU__USE__M_AXI_GP1 0 \
    CONFIG.PSU__USE__M_AXI_GP2 0 CONFIG.PSU__USE__S_AXI_GP2 1] $ps
create_bd_cell -type ip -vlnv a:b:adder:1.0 adder_0
create_bd_cell -type module -reference registers registers_0
create_bd_cell -type ip -vlnv xilinx.com:ip:proc_sys_reset reset
set control [create_bd_cell -type ip -vlnv xilinx.com:ip:smartconnect control]
set_property CONFIG.NUM_MI 2 $control
set memory [create_bd_cell -type ip -vlnv xilinx.com:ip:smartconnect memory]
set_property CONFIG.NUM_SI 1 $memory
