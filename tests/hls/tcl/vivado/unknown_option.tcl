# reject: unknown-option
source [file join [file dirname [info script]] project.tcl]
create_bd_design -name small other
