# reject: wrong-generation 2025.2
source [file join [file dirname [info script]] project.tcl]
csim_design -mflags "-j2"
