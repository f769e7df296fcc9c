# reject: no-object
source [file join [file dirname [info script]] cells.tcl]
set_property CONFIG.NUM_SI 2 [get_bd_cells -quiet nothing]
