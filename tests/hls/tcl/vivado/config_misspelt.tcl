# reject: unknown-config
source [file join [file dirname [info script]] cells.tcl]
set_property CONFIG.NUM_SLAVES 2 $memory
