# reject: missing-file
source [file join [file dirname [info script]] project.tcl]
add_files $here/counter.v
