# What the scripts of this folder begin with: a project that could be synthesised.
set here [file dirname [file normalize [info script]]]
open_project -reset small
set_top adder
add_files $here/kernel.cpp -cflags "-std=c++14 -I$here"
add_files -tb $here/bench.cpp
open_solution -reset solution -flow_target vivado
set_part xczu7ev-ffvc1156-2-e
create_clock -period 5.000 -name default
