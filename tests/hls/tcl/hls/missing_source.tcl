# reject: missing-file
set here [file dirname [file normalize [info script]]]
open_project -reset small
set_top adder
add_files $here/adder.cpp
