# reject: two-drivers
source [file join [file dirname [info script]] connected.tcl]
connect_bd_net {*}[pins reset/interconnect_aresetn memory/aresetn]
