# reject: order
source [file join [file dirname [info script]] project.tcl]
catch {cosim_design}
csynth_design
