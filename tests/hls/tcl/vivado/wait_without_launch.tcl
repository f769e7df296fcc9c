# reject: order
source [file join [file dirname [info script]] wrapped.tcl]
finish synth_1
