# reject: order
set here [file dirname [file normalize [info script]]]
open_project -reset small
set_top adder
add_files $here/kernel.cpp
open_solution -reset solution
set_part xczu7ev-ffvc1156-2-e
csynth_design
