# accept
source [file join [file dirname [info script]] addressed.tcl]
create_bd_cell -type module -reference watcher watcher_0
connect_bd_net {*}[pins ps/pl_clk0 watcher_0/aclk]
connect_bd_net {*}[pins reset/peripheral_aresetn watcher_0/aresetn]
connect_bd_intf_net -intf_net [get_bd_intf_nets kernel] {*}[interfaces control/M00_AXI watcher_0/watch]
validate_bd_design
close_project
