# reject: unknown-command
source [file join [file dirname [info script]] project.tcl]
synthesise_design
csynth_design
