# reject: bad-value
source [file join [file dirname [info script]] project.tcl]
config_interface -m_axi_addr64=yes
csynth_design
