# reject: unknown-option
source [file join [file dirname [info script]] project.tcl]
csynth_design -fast
