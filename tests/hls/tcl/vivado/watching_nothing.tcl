# reject: order
source [file join [file dirname [info script]] cells.tcl]
create_bd_cell -type module -reference watcher w
connect_bd_intf_net {*}[interfaces adder_0/s_axi_control w/watch]
