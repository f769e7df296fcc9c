# reject: unknown-command
source [file join [file dirname [info script]] project.tcl]
create_block_design small
