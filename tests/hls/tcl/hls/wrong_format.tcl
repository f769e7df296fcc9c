# reject: bad-value
source [file join [file dirname [info script]] project.tcl]
csynth_design
export_design -format zip -vendor a -library b -version 1.0
