# reject: no-address
source [file join [file dirname [info script]] connected.tcl]
validate_bd_design
