# reject: missing-file
source [file join [file dirname [info script]] project.tcl]
csim_design -argv $here/vectors.bin
