# reject: bad-value
source [file join [file dirname [info script]] project.tcl]
config_interface -m_axi_alignment_byte_size 12
csynth_design
