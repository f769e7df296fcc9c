# reject: unknown-cell
source [file join [file dirname [info script]] cells.tcl]
get_bd_cells interconnect
