# And the wrapper around it.
source [file join [file dirname [info script]] addressed.tcl]
validate_bd_design
save_bd_design
make_wrapper -files [get_files small.bd] -top -import
set_property top small_wrapper [current_fileset]
proc finish {run} {
    if {[llength [info commands wait_on_runs]]} {
        wait_on_runs -timeout 10 $run
    } else {
        wait_on_run -timeout 10 $run
    }
}
