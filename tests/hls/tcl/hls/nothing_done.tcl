# reject: no-work
source [file join [file dirname [info script]] project.tcl]
close_project
