# reject: wrong-generation 2022.1
source [file join [file dirname [info script]] project.tcl]
csim_design -sanitize_address
