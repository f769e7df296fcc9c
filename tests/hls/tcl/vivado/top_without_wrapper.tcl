# reject: no-top
source [file join [file dirname [info script]] addressed.tcl]
set_property top small_wrapper [current_fileset]
