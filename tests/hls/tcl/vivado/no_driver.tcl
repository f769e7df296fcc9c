# reject: no-driver
source [file join [file dirname [info script]] cells.tcl]
connect_bd_net {*}[pins memory/aclk control/aclk]
