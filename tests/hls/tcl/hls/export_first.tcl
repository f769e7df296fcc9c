# reject: order
source [file join [file dirname [info script]] project.tcl]
export_design -format ip_catalog -vendor a -library b -version 1.0
