# reject: no-board
source [file join [file dirname [info script]] project.tcl]
set_property board_part xilinx.com:zcu104:part0:9.9 [current_project]
