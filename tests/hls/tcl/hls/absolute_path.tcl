# reject: absolute-path
source [file join [file dirname [info script]] project.tcl]
add_files ~/kernel.cpp
csynth_design
