# reject: bad-direction
source [file join [file dirname [info script]] project.tcl]
create_bd_cell -type module -reference driving_watcher d
