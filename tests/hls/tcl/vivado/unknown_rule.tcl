# reject: unknown-rule
source [file join [file dirname [info script]] cells.tcl]
apply_bd_automation -rule xilinx.com:bd_rule:processing_system7 -config {} $ps
