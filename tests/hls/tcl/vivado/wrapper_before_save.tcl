# reject: order
source [file join [file dirname [info script]] addressed.tcl]
validate_bd_design
make_wrapper -files [get_files small.bd] -top -import
