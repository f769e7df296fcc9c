# reject: unknown-property
source [file join [file dirname [info script]] project.tcl]
set_property ip_repo_path $here/ip [current_project]
