# reject: no-test-bench
set here [file dirname [file normalize [info script]]]
open_project -reset small
set_top adder
add_files $here/kernel.cpp
open_solution -reset solution
csim_design
