# reject: unknown-module
source [file join [file dirname [info script]] project.tcl]
create_bd_cell -type module -reference counter counter_0
