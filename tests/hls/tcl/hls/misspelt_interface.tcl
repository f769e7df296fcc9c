# reject: unknown-option
source [file join [file dirname [info script]] project.tcl]
config_interface -m_axi_aligment_byte_size 16
csynth_design
