# reject: tcl-error
source [file join [file dirname [info script]] project.tcl]
set period $frequency
csynth_design
