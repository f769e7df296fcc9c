# reject: order
open_solution -reset solution
csynth_design
