# accept
source [file join [file dirname [info script]] project.tcl]
config_interface -m_axi_addr64 -m_axi_alignment_byte_size 16 -m_axi_max_widen_bitwidth 128
config_interface -m_axi_addr64=true
csim_design -O -argv "8 1"
csynth_design
cosim_design -rtl verilog -trace_level none
export_design -format ip_catalog -vendor a -library b -ipname adder -version 1.0
close_project
open_project small
open_solution solution
export_design -format ip_catalog -vendor a -library b -version 1.0
exit
