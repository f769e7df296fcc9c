# reject: missing-file
source [file join [file dirname [info script]] project.tcl]
set_property ip_repo_paths $here/catalogue [current_project]
