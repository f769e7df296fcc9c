# reject: kind
source [file join [file dirname [info script]] cells.tcl]
connect_bd_net {*}[pins ps/pl_clk0 memory/aresetn]
