# reject: no-clock
source [file join [file dirname [info script]] project.tcl]
create_bd_cell -type module -reference clockless c
