# reject: bad-value
source [file join [file dirname [info script]] project.tcl]
set_part zcu104
csynth_design
