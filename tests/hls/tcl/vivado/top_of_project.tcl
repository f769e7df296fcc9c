# reject: bad-object
source [file join [file dirname [info script]] wrapped.tcl]
set_property top small_wrapper [current_project]
