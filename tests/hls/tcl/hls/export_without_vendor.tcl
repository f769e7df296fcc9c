# reject: no-vlnv
source [file join [file dirname [info script]] project.tcl]
csynth_design
export_design -format ip_catalog
