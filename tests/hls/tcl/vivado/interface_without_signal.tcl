# reject: incomplete-interface
source [file join [file dirname [info script]] project.tcl]
create_bd_cell -type module -reference incomplete i
