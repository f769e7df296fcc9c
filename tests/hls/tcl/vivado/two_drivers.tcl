# reject: two-drivers
source [file join [file dirname [info script]] cells.tcl]
connect_bd_net {*}[pins reset/peripheral_aresetn reset/interconnect_aresetn memory/aresetn]
