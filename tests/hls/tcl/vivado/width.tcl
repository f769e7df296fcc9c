# reject: width
source [file join [file dirname [info script]] cells.tcl]
create_bd_cell -type module -reference wide w
connect_bd_net {*}[pins w/also_four reset/aux_reset_in]
