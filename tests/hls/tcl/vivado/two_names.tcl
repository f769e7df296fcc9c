# reject: argument-count
source [file join [file dirname [info script]] project.tcl]
create_bd_design one two
